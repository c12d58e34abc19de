//! The platform of a Python wheel by its tags: PEP 427 for the name, PEPs 425, 600, 656, 730 and 738 for the tags.
//! Knows nothing of other files.

use super::platform::Platform;

/// What a wheel's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `any`: it runs everywhere.
    Any,
    /// It runs on this platform.
    On(Platform),
    /// Why the name says nothing that can be believed.
    Unknown(String),
}

/// Reads the platform tag of `name-version(-build)-python-abi-platform.whl`; the stem is given without `.whl`.
pub(crate) fn tags(stem: &str) -> Tags {
    let parts: Vec<&str> = stem.split('-').collect();
    if !matches!(parts.len(), 5 | 6) || parts.iter().any(|part| part.is_empty()) {
        return Tags::Unknown("a wheel is `name-version-python-abi-platform.whl`".to_owned());
    }
    if parts.len() == 6 && !parts[2].starts_with(|first: char| first.is_ascii_digit()) {
        return Tags::Unknown("the build number of a wheel begins with a digit".to_owned());
    }
    let set = parts[parts.len() - 1];
    if set == "any" {
        return Tags::Any;
    }
    let mut sum: Option<Platform> = None;
    for tag in set.split('.') {
        let Some(one) = platform(tag) else {
            return Tags::Unknown(format!("the wheel's platform tag `{tag}` is not known"));
        };
        sum = match sum {
            None => Some(one),
            Some(sum) if sum == one => Some(sum),
            // A set of both processors of macOS is what `universal2` says in one word.
            Some(sum) if sum.os == Some("darwin") && one.os == sum.os => {
                Some(Platform { arch: Some("universal"), ..sum })
            }
            Some(sum) if sum.os == one.os && sum.arch == one.arch => {
                Some(Platform { libc: None, ..sum })
            }
            Some(_) => {
                return Tags::Unknown(format!("the wheel's tags `{set}` are of two platforms"));
            }
        };
    }
    sum.map_or_else(|| Tags::Unknown("the wheel has no platform tag".to_owned()), Tags::On)
}

fn platform(tag: &str) -> Option<Platform> {
    let of = |os, arch, libc, variant| {
        Some(Platform { os: Some(os), arch: Some(arch), libc, variant, ..Platform::default() })
    };
    match tag {
        "win32" => return of("windows", "386", None, None),
        "win_amd64" => return of("windows", "amd64", None, None),
        "win_arm64" => return of("windows", "arm64", None, None),
        _ => {}
    }
    let (os, libc) = [
        ("manylinux", "linux", Some("gnu")),
        ("musllinux_", "linux", Some("musl")),
        ("linux_", "linux", None),
        ("macosx_", "darwin", None),
        ("ios_", "ios", None),
        ("android_", "android", None),
    ]
    .into_iter()
    .find_map(|(prefix, os, libc)| tag.starts_with(prefix).then_some((os, libc)))?;
    let (arch, variant) = [
        ("_x86_64", "amd64", None),
        ("_i686", "386", None),
        ("_i386", "386", None),
        ("_aarch64", "arm64", None),
        ("_arm64", "arm64", None),
        ("_arm64_v8a", "arm64", None),
        ("_arm64_iphoneos", "arm64", None),
        ("_armv7l", "arm", Some("v7")),
        ("_armv6l", "arm", Some("v6")),
        ("_ppc64le", "ppc64le", None),
        ("_ppc64", "ppc64", None),
        ("_s390x", "s390x", None),
        ("_riscv64", "riscv64", None),
        ("_loongarch64", "loong64", None),
        ("_universal2", "universal", None),
    ]
    .into_iter()
    .find_map(|(suffix, arch, variant)| tag.ends_with(suffix).then_some((arch, variant)))?;
    if arch == "universal" && os != "darwin" {
        return None;
    }
    of(os, arch, libc, variant)
}
