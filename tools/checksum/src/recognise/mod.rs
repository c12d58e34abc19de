//! What an artifact is and runs on, by its name alone: tables, no guesses.
//! Knows nothing of files; what a name does not say is said to be unknown.

#[cfg(test)]
mod names;
mod platform;
mod suffix;
mod wheel;

use std::borrow::Cow;

use common::manifest::{Kind, Target};

use platform::Platform;
use wheel::Tags;

/// What a name says about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recognised {
    /// The kind; `Other` where it is not known.
    pub kind: Kind,
    /// The operating system, in Go's words.
    pub os: Option<Cow<'static, str>>,
    /// The architecture, in Go's words.
    pub arch: Option<Cow<'static, str>>,
    /// The C library or ABI.
    pub libc: Option<Cow<'static, str>>,
    /// The variant of the architecture.
    pub variant: Option<Cow<'static, str>>,
    /// What could not be told from the name; absent when nothing is missing.
    pub doubt: Option<String>,
    /// The name may be that of a source distribution or of an npm package: only its content can tell.
    pub look_inside: bool,
}

impl Recognised {
    /// Returns the target where both of its halves are known.
    pub(crate) fn target(&self) -> Option<Target> {
        Some(Target {
            os: self.os.clone()?.into_owned(),
            arch: self.arch.clone()?.into_owned(),
            libc: self.libc.clone().map(Cow::into_owned),
            variant: self.variant.clone().map(Cow::into_owned),
        })
    }

    /// A kind that is known without a name, and runs nowhere or everywhere.
    pub(crate) fn plain(kind: Kind) -> Self {
        Self::new(kind)
    }

    /// Takes the platform of a Rust target triple, where all of it is known.
    pub(crate) fn set_triple(&mut self, triple: &str) {
        let platform = platform::platform(&triple.to_ascii_lowercase(), None, None);
        if platform.doubt.is_none() && platform.os.is_some() && platform.arch.is_some() {
            *self = Self { kind: self.kind, ..Self::new(self.kind).on(&platform) };
        }
    }

    /// Drops a doubt about the platform once both of its halves are known, by whoever said so.
    pub(crate) fn settle(&mut self) {
        if self.os.is_some() && self.arch.is_some() {
            self.doubt = None;
        }
        if !matches!(
            self.kind,
            Kind::Archive | Kind::Binary | Kind::Package | Kind::Other | Kind::Wheel
        ) {
            self.doubt = None;
        }
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            os: None,
            arch: None,
            libc: None,
            variant: None,
            doubt: None,
            look_inside: false,
        }
    }

    fn on(mut self, platform: &Platform) -> Self {
        let owned = |word: Option<&'static str>| word.map(Cow::Borrowed);
        self.os = owned(platform.os);
        self.arch = owned(platform.arch);
        // Half a target is none: a C library without its system would say nothing.
        self.libc = owned(platform.libc);
        self.variant = owned(platform.variant);
        self
    }

    fn doubting(mut self, reason: impl Into<String>) -> Self {
        self.doubt = Some(reason.into());
        self
    }
}

/// Words of archives that carry something else than the program.
const ASIDE: &[&str] = &[
    "src",
    "source",
    "sources",
    "vendor",
    "vendored",
    "docs",
    "doc",
    "man",
    "manpages",
    "manuals",
    "completions",
    "completion",
    "headers",
    "debug",
    "dbg",
    "debuginfo",
    "dbgsym",
    "symbols",
    "dsym",
    "pdb",
    "pdbs",
];

/// Recognises one file by its name. `version` is the release's, without `v`.
pub(crate) fn recognise(name: &str, version: Option<&str>) -> Recognised {
    let lower = name.to_ascii_lowercase();
    let Some((ending, stem)) = suffix::ending(&lower) else {
        return bare(&lower, version);
    };
    match ending.kind {
        Kind::Wheel => return wheel_file(stem),
        // They belong to another file, whose platform is not theirs.
        Kind::Checksums | Kind::Signature => return Recognised::new(ending.kind),
        _ => {}
    }
    if ending.kind == Kind::Other || (ending.kind == Kind::Archive && has_word(stem, ASIDE)) {
        return Recognised::new(Kind::Other);
    }
    let platform = platform::platform(stem, version, ending.os);
    let setup = ending.kind == Kind::Binary && has_word(stem, &["setup", "installer"]);
    let kind = if setup { Kind::Package } else { ending.kind };
    let mut found = Recognised::new(kind).on(&platform);
    if let Some(doubt) = platform.doubt {
        found.os = None;
        return found.doubting(doubt);
    }
    let rest = &lower[stem.len()..];
    // npm's packages are .tgz; a source distribution (PEP 625) names no platform.
    found.look_inside = rest == ".tgz"
        || (rest == ".tar.gz"
            && stem.contains('-')
            && platform.os.is_none()
            && platform.arch.is_none());
    let any = ending.kind == Kind::Package && platform.any_arch;
    if ending.platform && !any {
        found.doubt = missing(&platform);
    }
    found
}

/// A name without a known ending is a program only when its platform is the last it says.
fn bare(lower: &str, version: Option<&str>) -> Recognised {
    let platform = platform::platform(lower, version, None);
    let rest = &lower[platform.end..];
    let only_version =
        version.is_some_and(|version| rest.trim_start_matches(['-', '_', '.', 'v']) == version);
    if platform.end == 0 || !(rest.is_empty() || only_version) {
        return Recognised::new(Kind::Other).doubting("its ending is not known");
    }
    let found = Recognised::new(Kind::Binary).on(&platform);
    match platform.doubt.clone().or_else(|| missing(&platform)) {
        Some(doubt) => Recognised { os: None, ..found }.doubting(doubt),
        None => found,
    }
}

fn wheel_file(stem: &str) -> Recognised {
    let found = Recognised::new(Kind::Wheel);
    match wheel::tags(stem) {
        Tags::Any => found,
        Tags::On(platform) => found.on(&platform),
        Tags::Unknown(reason) => found.doubting(reason),
    }
}

fn missing(platform: &Platform) -> Option<String> {
    let what = match (platform.os, platform.arch) {
        (Some(_), Some(_)) => return None,
        (None, None) => "no platform",
        (None, _) => "no operating system",
        (_, None) => "no architecture",
    };
    Some(format!("{what} in its name"))
}

fn has_word(stem: &str, words: &[&str]) -> bool {
    stem.split(|separator: char| !separator.is_ascii_alphanumeric())
        .any(|word| words.contains(&word))
}
