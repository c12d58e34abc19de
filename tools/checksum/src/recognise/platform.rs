//! Operating system, architecture, libc and variant by the words of a name, in the habits of GoReleaser,
//! cargo-dist, Rust's target triples, Go, npm and a few others. Knows nothing of what kind of file it is.

use std::sync::LazyLock;

/// What the words of a name say; what they do not say, or say twice differently, is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Platform {
    pub os: Option<&'static str>,
    pub arch: Option<&'static str>,
    pub libc: Option<&'static str>,
    pub variant: Option<&'static str>,
    /// The name says that the architecture does not matter (`noarch`, `_all`).
    pub any_arch: bool,
    /// Why a word was not believed.
    pub doubt: Option<String>,
    /// Where the last of the words ends, as an offset in bytes.
    pub end: usize,
}

#[derive(Clone, Copy, Debug)]
enum Word {
    Os(&'static str),
    Arch(&'static str),
    Variant(&'static str, &'static str),
    Both(&'static str, &'static str),
    Libc(&'static str),
    /// Bits only: believed where nothing better is said.
    Bits(&'static str),
    /// Windows to npm, 32-bit Windows to others.
    Win32,
    AnyArch,
    /// `universal` and the like: means something for macOS only.
    Universal,
    /// What others call a variant of the architecture before it.
    After(&'static str),
}

use Word::{After, AnyArch, Arch, Bits, Both, Libc, Os, Universal, Variant, Win32};

/// The words in lower case; the longest that fits between two separators wins.
const WORDS: &[(&str, Word)] = &[
    // Operating systems.
    ("linux", Os("linux")),
    ("manylinux", Os("linux")),
    ("windows", Os("windows")),
    ("win", Os("windows")),
    ("win32", Win32),
    ("darwin", Os("darwin")),
    ("apple", Os("darwin")),
    ("macos", Os("darwin")),
    ("macosx", Os("darwin")),
    ("mac", Os("darwin")),
    ("osx", Os("darwin")),
    ("macos11", Os("darwin")),
    ("macos12", Os("darwin")),
    ("macos13", Os("darwin")),
    ("macos14", Os("darwin")),
    ("macos15", Os("darwin")),
    ("freebsd", Os("freebsd")),
    ("openbsd", Os("openbsd")),
    ("netbsd", Os("netbsd")),
    ("dragonfly", Os("dragonfly")),
    ("dragonflybsd", Os("dragonfly")),
    ("solaris", Os("solaris")),
    ("sunos", Os("solaris")),
    ("illumos", Os("illumos")),
    ("aix", Os("aix")),
    ("haiku", Os("haiku")),
    ("plan9", Os("plan9")),
    ("android", Os("android")),
    ("linux-android", Os("android")),
    ("linux-androideabi", Os("android")),
    ("linux-ohos", Os("ohos")),
    ("ios", Os("ios")),
    ("apple-ios", Os("ios")),
    ("wasi", Os("wasip1")),
    ("wasip1", Os("wasip1")),
    ("wasip2", Os("wasip2")),
    // Both in one word.
    ("linux64", Both("linux", "amd64")),
    ("linux-64", Both("linux", "amd64")),
    ("linux32", Both("linux", "386")),
    ("linux-32", Both("linux", "386")),
    ("win64", Both("windows", "amd64")),
    ("win-64", Both("windows", "amd64")),
    ("windows64", Both("windows", "amd64")),
    ("windows32", Both("windows", "386")),
    ("osx64", Both("darwin", "amd64")),
    ("osx-64", Both("darwin", "amd64")),
    ("macos64", Both("darwin", "amd64")),
    ("darwin64", Both("darwin", "amd64")),
    ("darwin_all", Both("darwin", "universal")),
    ("darwin-all", Both("darwin", "universal")),
    ("macos_all", Both("darwin", "universal")),
    ("macos-all", Both("darwin", "universal")),
    // Architectures.
    ("amd64", Arch("amd64")),
    ("x86_64", Arch("amd64")),
    ("x86-64", Arch("amd64")),
    ("x64", Arch("amd64")),
    ("amd64v1", Arch("amd64")),
    ("amd64_v1", Arch("amd64")),
    ("amd64v2", Variant("amd64", "v2")),
    ("amd64_v2", Variant("amd64", "v2")),
    ("x86_64_v2", Variant("amd64", "v2")),
    ("x86_64-v2", Variant("amd64", "v2")),
    ("x86_64v2", Variant("amd64", "v2")),
    ("amd64v3", Variant("amd64", "v3")),
    ("amd64_v3", Variant("amd64", "v3")),
    ("x86_64_v3", Variant("amd64", "v3")),
    ("x86_64-v3", Variant("amd64", "v3")),
    ("x86_64v3", Variant("amd64", "v3")),
    ("amd64v4", Variant("amd64", "v4")),
    ("amd64_v4", Variant("amd64", "v4")),
    ("x86_64_v4", Variant("amd64", "v4")),
    ("x86_64-v4", Variant("amd64", "v4")),
    ("x64-baseline", Variant("amd64", "baseline")),
    ("x86_64-baseline", Variant("amd64", "baseline")),
    ("386", Arch("386")),
    ("i386", Arch("386")),
    ("i486", Arch("386")),
    ("i586", Arch("386")),
    ("i686", Arch("386")),
    ("ia32", Arch("386")),
    ("x86", Arch("386")),
    ("x86_32", Arch("386")),
    ("arm64", Arch("arm64")),
    ("aarch64", Arch("arm64")),
    ("aarch_64", Arch("arm64")),
    ("arm64v8", Arch("arm64")),
    ("arm64-v8a", Arch("arm64")),
    ("arm64_v8a", Arch("arm64")),
    ("arm64_v8.0", Arch("arm64")),
    ("arm", Arch("arm")),
    ("armhf", Arch("arm")),
    ("armhfp", Arch("arm")),
    ("armel", Arch("arm")),
    ("armv5", Variant("arm", "v5")),
    ("armv5te", Variant("arm", "v5")),
    ("arm_5", Variant("arm", "v5")),
    ("arm-5", Variant("arm", "v5")),
    ("arm32v5", Variant("arm", "v5")),
    ("armv6", Variant("arm", "v6")),
    ("armv6l", Variant("arm", "v6")),
    ("armv6hf", Variant("arm", "v6")),
    ("arm_6", Variant("arm", "v6")),
    ("arm-6", Variant("arm", "v6")),
    ("arm-v6", Variant("arm", "v6")),
    ("arm32v6", Variant("arm", "v6")),
    ("armv7", Variant("arm", "v7")),
    ("armv7a", Variant("arm", "v7")),
    ("armv7l", Variant("arm", "v7")),
    ("armv7hf", Variant("arm", "v7")),
    ("armv7hl", Variant("arm", "v7")),
    ("armv7hnl", Variant("arm", "v7")),
    ("arm_7", Variant("arm", "v7")),
    ("arm-7", Variant("arm", "v7")),
    ("arm-v7", Variant("arm", "v7")),
    ("arm32v7", Variant("arm", "v7")),
    ("armeabi-v7a", Variant("arm", "v7")),
    ("ppc64le", Arch("ppc64le")),
    ("ppc64el", Arch("ppc64le")),
    ("powerpc64le", Arch("ppc64le")),
    ("ppcle_64", Arch("ppc64le")),
    ("ppc64", Arch("ppc64")),
    ("powerpc64", Arch("ppc64")),
    ("powerpc", Arch("ppc")),
    ("s390x", Arch("s390x")),
    ("s390_64", Arch("s390x")),
    ("riscv64", Arch("riscv64")),
    ("riscv64gc", Arch("riscv64")),
    ("loong64", Arch("loong64")),
    ("loongarch64", Arch("loong64")),
    ("mips", Arch("mips")),
    ("mipsle", Arch("mipsle")),
    ("mipsel", Arch("mipsle")),
    ("mips64", Arch("mips64")),
    ("mips64le", Arch("mips64le")),
    ("mips64el", Arch("mips64le")),
    ("softfloat", After("softfloat")),
    ("hardfloat", After("hardfloat")),
    ("sparc64", Arch("sparc64")),
    ("sparcv9", Arch("sparc64")),
    ("wasm32", Arch("wasm")),
    ("wasm", Arch("wasm")),
    ("universal", Universal),
    ("universal2", Universal),
    ("universal_binary", Universal),
    ("noarch", AnyArch),
    ("all", AnyArch),
    ("64bit", Bits("amd64")),
    ("64-bit", Bits("amd64")),
    ("32bit", Bits("386")),
    ("32-bit", Bits("386")),
    // C libraries and ABIs.
    ("gnu", Libc("gnu")),
    ("glibc", Libc("gnu")),
    ("gnueabi", Libc("gnu")),
    ("gnueabihf", Libc("gnu")),
    ("gnullvm", Libc("gnu")),
    ("mingw", Libc("gnu")),
    ("musl", Libc("musl")),
    ("musleabi", Libc("musl")),
    ("musleabihf", Libc("musl")),
    ("musllinux", Libc("musl")),
    ("msvc", Libc("msvc")),
];

/// The words by their first byte, longest first, so that ten thousand names take no time.
static BY_FIRST: LazyLock<Vec<Vec<(&str, Word)>>> = LazyLock::new(|| {
    let mut table = vec![Vec::new(); 128];
    for &(text, word) in WORDS {
        table[usize::from(text.as_bytes()[0])].push((text, word));
    }
    for words in &mut table {
        words.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }
    table
});

/// Reads the platform out of a name in lower case. `version` is left out of it, so that `1.0.386` is no processor;
/// `implied` is the system that its ending speaks of.
pub(crate) fn platform(
    name: &str,
    version: Option<&str>,
    implied: Option<&'static str>,
) -> Platform {
    let bytes = name.as_bytes();
    let skipped = version.filter(|version| !version.is_empty()).and_then(|version| {
        name.match_indices(version).map(|(at, _)| at..at + version.len()).find(|range| {
            (range.start == 0 || !bytes[range.start - 1].is_ascii_digit())
                && bytes.get(range.end).is_none_or(|byte| !byte.is_ascii_digit())
        })
    });
    let mut words = Words::default();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(range) = skipped.as_ref().filter(|range| range.start == at) {
            at = range.end;
            continue;
        }
        let begins = bytes[at].is_ascii_alphanumeric()
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        match begins.then(|| word_at(bytes, at)).flatten() {
            Some((text, word)) => {
                at += text.len();
                words.add(text, word, at);
            }
            None => at += 1,
        }
    }
    if let Some(os) = implied {
        words.imply(os);
    }
    words.settle()
}

fn word_at(bytes: &[u8], at: usize) -> Option<(&'static str, Word)> {
    BY_FIRST.get(usize::from(bytes[at]))?.iter().copied().find(|(text, word)| {
        bytes[at..].starts_with(text.as_bytes())
            && bytes.get(at + text.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
            // `.386` is part of a number; `_386` is a processor.
            && !(matches!(word, Arch("386")) && *text == "386" && at > 0 && bytes[at - 1] == b'.')
    })
}

#[derive(Default)]
struct Words {
    found: Platform,
    bits: Option<&'static str>,
    universal: bool,
    win32: bool,
}

impl Words {
    fn add(&mut self, text: &str, word: Word, end: usize) {
        match word {
            Os(os) => self.os(os),
            Arch(arch) => self.arch(arch, None),
            Variant(arch, variant) => self.arch(arch, Some(variant)),
            Both(os, arch) => {
                self.os(os);
                self.arch(arch, None);
            }
            Libc(libc) => {
                if text == "musllinux" {
                    self.os("linux");
                }
                self.found.libc = Some(libc);
            }
            Bits(arch) => self.bits = Some(arch),
            Win32 => {
                self.os("windows");
                self.win32 = true;
            }
            AnyArch => self.found.any_arch = true,
            Universal => self.universal = true,
            After(variant) => {
                if self.found.arch.is_none() {
                    return;
                }
                self.found.variant = Some(variant);
            }
        }
        self.found.end = end;
    }

    fn os(&mut self, os: &'static str) {
        match self.found.os {
            Some(other) if other != os => {
                self.doubt(format!("its name has two operating systems, {other} and {os}"));
            }
            _ => self.found.os = Some(os),
        }
    }

    fn imply(&mut self, os: &'static str) {
        match self.found.os {
            Some(other) if other != os => {
                self.doubt(format!("its name says {other}, its ending {os}"));
            }
            _ => self.found.os = Some(os),
        }
    }

    fn arch(&mut self, arch: &'static str, variant: Option<&'static str>) {
        match self.found.arch {
            Some(other) if other != arch => {
                self.doubt(format!("its name has two architectures, {other} and {arch}"));
            }
            _ => self.found.arch = Some(arch),
        }
        self.found.variant = variant.or(self.found.variant);
    }

    fn doubt(&mut self, reason: String) {
        self.found.doubt.get_or_insert(reason);
    }

    fn settle(mut self) -> Platform {
        if self.universal && self.found.os == Some("darwin") {
            self.arch("universal", None);
        }
        if self.found.arch.is_none() {
            self.found.arch = self.bits;
        }
        if self.win32 && self.found.arch.is_none() {
            self.doubt(
                "`win32` alone is 32-bit Windows to some and any Windows to others".to_owned(),
            );
        }
        let fits = |libc: &&str| match self.found.os {
            Some("linux") => *libc != "msvc",
            Some("windows") => *libc != "musl",
            _ => false,
        };
        self.found.libc = self.found.libc.filter(fits);
        self.found
    }
}
