//! The lists that other tools leave beside what they built: GoReleaser's `artifacts.json` and cargo-dist's
//! `dist-manifest.json`. Knows their shapes only; what they do not say is recognised from names elsewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use common::fs;
use common::manifest::Kind;
use serde::Deserialize;

use crate::recognise::{self, Recognised};

/// What a list says of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The name it is published under.
    pub name: String,
    /// Whether it is published at all, or only a step on the way.
    pub published: bool,
    /// The kind and the platform, as far as the list says them.
    pub recognised: Recognised,
}

/// A whole list, by path inside its folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    source: &'static str,
    hidden: &'static [&'static str],
    entries: BTreeMap<String, Listed>,
    missing: BTreeSet<String>,
}

impl Listing {
    /// Returns the file's name, for messages.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// Tells whether there is no list.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether a name at the top of the folder is the tool's own book-keeping.
    pub(crate) fn hides(&self, name: &str) -> bool {
        self.hidden.contains(&name)
    }

    /// Returns the files that should be published and do not exist.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().map(String::as_str)
    }

    /// Finds a file by its path inside the folder.
    pub(crate) fn find(&self, path: &str) -> Option<&Listed> {
        self.entries.get(path)
    }
}

/// Reads the list in a folder; where there is none, the listing is empty.
pub(crate) fn read(folder: &Path) -> Result<Listing> {
    if let Some(text) = fs::read_text_if_there(&folder.join("artifacts.json"))?
        // Another tool's file of that name is a file like any other.
        && let Ok(entries) = serde_json::from_str::<Vec<GoReleaser>>(&text)
    {
        return Ok(goreleaser(folder, entries));
    }
    let path = folder.join("dist-manifest.json");
    if let Some(text) = fs::read_text_if_there(&path)? {
        let manifest: CargoDist = serde_json::from_str(&text)
            .with_context(|| format!("failed to understand `{}`", path.display()))?;
        return Ok(cargo_dist(folder, manifest));
    }
    Ok(Listing::default())
}

/// One entry of GoReleaser's `dist/artifacts.json`, as its versions 1 and 2 write it:
/// `{"name": "greet_1.0.0_linux_amd64.tar.gz", "path": "dist/greet_1.0.0_linux_amd64.tar.gz",
///   "goos": "linux", "goarch": "amd64", "goamd64": "v1", "internal_type": 1, "type": "Archive"}`.
#[derive(Debug, Deserialize)]
struct GoReleaser {
    name: String,
    #[serde(default)]
    path: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    internal_type: Option<i64>,
    #[serde(default)]
    goos: Option<String>,
    #[serde(default)]
    goarch: Option<String>,
    #[serde(default)]
    goarm: Option<String>,
    #[serde(default)]
    goamd64: Option<String>,
    #[serde(default)]
    gomips: Option<String>,
}

/// What GoReleaser calls `UploadableBinary`; a `Binary` of any other number goes into an archive.
const UPLOADABLE_BINARY: i64 = 2;

fn goreleaser(folder: &Path, entries: Vec<GoReleaser>) -> Listing {
    let mut listing = Listing {
        source: "artifacts.json",
        hidden: &["artifacts.json", "metadata.json", "config.yaml"],
        ..Listing::default()
    };
    for entry in entries {
        let Some(path) = locate(folder, &entry.path, &entry.name) else { continue };
        let own_name = path.rsplit('/').next().unwrap_or_default();
        let kind = match entry.kind.as_str() {
            "Archive" => Some(Kind::Archive),
            "Binary" => (entry.internal_type == Some(UPLOADABLE_BINARY) || own_name != entry.name)
                .then_some(Kind::Binary),
            "Linux Package" | "DMG" | "MSI" | "Windows installer" | "macOS Package" => {
                Some(Kind::Package)
            }
            "Checksum" => Some(Kind::Checksums),
            "Signature" | "Certificate" => Some(Kind::Signature),
            "File" | "Source" | "SBOM" => Some(Kind::Other),
            "Wheel" | "Python Wheel" => Some(Kind::Wheel),
            "Source Dist" | "Python Source Dist" => Some(Kind::Sdist),
            // Formulae, manifests, images and the like: other channels publish those.
            _ => None,
        };
        let mut recognised = recognise::recognise(&entry.name, None);
        if let Some(kind) = kind {
            // What is `File` to GoReleaser may still be a wheel or a package to us.
            if !(kind == Kind::Other && entry.kind == "File") {
                recognised.kind = kind;
            }
        }
        if let (Some(os), Some(arch)) = (&entry.goos, &entry.goarch) {
            let universal = os == "darwin" && arch == "all";
            let arch = if universal { "universal" } else { arch };
            recognised.os = Some(Cow::Owned(os.clone()));
            recognised.arch = Some(Cow::Owned(arch.to_owned()));
            recognised.variant = variant(&entry).map(Cow::Owned);
        }
        recognised.settle();
        // One file can be named twice: built, then published. Published wins.
        let listed = Listed { name: entry.name, published: kind.is_some(), recognised };
        if listed.published && !folder.join(&path).exists() {
            listing.missing.insert(path.clone());
        }
        let before = listing.entries.get(&path);
        if before.is_none_or(|before| !before.published) {
            listing.entries.insert(path, listed);
        }
    }
    listing
}

fn variant(entry: &GoReleaser) -> Option<String> {
    let said = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    match entry.goarch.as_deref()? {
        "arm" => said(&entry.goarm).map(|arm| format!("v{}", arm.trim_start_matches('v'))),
        "amd64" => said(&entry.goamd64).filter(|level| level != "v1"),
        mips if mips.starts_with("mips") => said(&entry.gomips),
        _ => None,
    }
}

/// Paths are written from the folder where GoReleaser ran, one or more above this one.
fn locate(folder: &Path, path: &str, name: &str) -> Option<String> {
    if path.is_empty() {
        return Some(name.to_owned()).filter(|name| folder.join(name).exists());
    }
    let own = folder.file_name().and_then(|own| own.to_str()).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return None;
    }
    let below =
        parts.iter().rposition(|part| *part == own).map_or(1.min(parts.len() - 1), |at| at + 1);
    let candidates =
        [parts[below..].join("/"), parts[1.min(parts.len() - 1)..].join("/"), parts.join("/")];
    let found = candidates.iter().find(|inside| folder.join(inside).is_file());
    Some(found.unwrap_or(&candidates[0]).clone())
}

/// cargo-dist's `dist-manifest.json`, as far as it says what the files are:
/// `{"artifacts": {"x.tar.xz": {"name": "x.tar.xz", "kind": "executable-zip", "target_triples": ["aarch64-apple-darwin"]}}}`.
#[derive(Debug, Deserialize)]
struct CargoDist {
    #[serde(default)]
    artifacts: BTreeMap<String, CargoDistArtifact>,
}

#[derive(Debug, Deserialize)]
struct CargoDistArtifact {
    name: Option<String>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    target_triples: Vec<String>,
}

fn cargo_dist(folder: &Path, manifest: CargoDist) -> Listing {
    let mut listing = Listing { source: "dist-manifest.json", ..Listing::default() };
    for (id, artifact) in manifest.artifacts {
        let name = artifact.name.unwrap_or(id);
        let mut recognised = recognise::recognise(&name, None);
        match artifact.kind.as_str() {
            "executable-zip" => recognised.kind = Kind::Archive,
            "checksum" | "unified-checksum" => recognised.kind = Kind::Checksums,
            "symbols" | "source-tarball" | "sbom" | "omnibor-artifact-id" => {
                recognised = Recognised::plain(Kind::Other);
            }
            "updater" => recognised.kind = Kind::Binary,
            // An installer is a script, an .msi, a .pkg or an npm package: its name says which.
            _ => {}
        }
        if let [triple] = artifact.target_triples.as_slice()
            && matches!(recognised.kind, Kind::Archive | Kind::Binary | Kind::Package)
        {
            recognised.set_triple(triple);
        }
        recognised.settle();
        if !folder.join(&name).exists() {
            listing.missing.insert(name.clone());
        }
        listing.entries.insert(name.clone(), Listed { name, published: true, recognised });
    }
    listing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(folder: &Path, files: &[&str]) {
        for file in files {
            fs::replace(&folder.join(file), b"x").expect("written");
        }
    }

    #[test]
    fn goreleaser_says_what_is_published_and_under_which_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let dist = folder.path().join("dist");
        sample(
            &dist,
            &["greet_1.0.0_linux_amd64.tar.gz", "greet_linux_arm_7/greet", "g_windows/greet.exe"],
        );
        let list = r#"[
          {"name":"greet_1.0.0_linux_amd64.tar.gz","path":"dist/greet_1.0.0_linux_amd64.tar.gz","goos":"linux","goarch":"amd64","goamd64":"v1","internal_type":1,"type":"Archive","extra":{"Format":"tar.gz"}},
          {"name":"greet","path":"dist/greet_linux_arm_7/greet","goos":"linux","goarch":"arm","goarm":"7","internal_type":4,"type":"Binary"},
          {"name":"greet-armv7","path":"dist/greet_linux_arm_7/greet","goos":"linux","goarch":"arm","goarm":"7","internal_type":2,"type":"Binary"},
          {"name":"greet.exe","path":"dist/g_windows/greet.exe","goos":"windows","goarch":"amd64","internal_type":4,"type":"Binary"},
          {"name":"gone.deb","path":"dist/gone.deb","goos":"linux","goarch":"amd64","type":"Linux Package"}
        ]"#;
        fs::replace(&dist.join("artifacts.json"), list.as_bytes()).expect("written");
        let listing = read(&dist).expect("a listing");
        assert_eq!(listing.missing().collect::<Vec<_>>(), ["gone.deb"]);
        let archive = listing.find("greet_1.0.0_linux_amd64.tar.gz").expect("the archive");
        assert_eq!((archive.recognised.kind, archive.published), (Kind::Archive, true));
        assert_eq!(archive.recognised.target().expect("a target").to_string(), "linux/amd64");
        let binary = listing.find("greet_linux_arm_7/greet").expect("the binary");
        assert_eq!((binary.name.as_str(), binary.published), ("greet-armv7", true));
        assert_eq!(binary.recognised.target().expect("a target").to_string(), "linux/arm/v7");
        assert!(!listing.find("g_windows/greet.exe").expect("the other").published);
        assert!(listing.hides("config.yaml"));
    }

    #[test]
    fn cargo_dist_says_kinds_and_triples() {
        let folder = tempfile::tempdir().expect("a folder");
        sample(folder.path(), &["greet.tar.xz", "greet-installer.sh", "source.tar.gz"]);
        let list = r#"{"dist_version":"0.30.0","artifacts":{
          "greet.tar.xz":{"name":"greet.tar.xz","kind":"executable-zip","target_triples":["x86_64-unknown-linux-musl"]},
          "greet-installer.sh":{"name":"greet-installer.sh","kind":"installer","target_triples":["x86_64-unknown-linux-musl","aarch64-apple-darwin"]},
          "source.tar.gz":{"name":"source.tar.gz","kind":"source-tarball"},
          "lost.zip":{"name":"lost.zip","kind":"executable-zip","target_triples":["x86_64-pc-windows-msvc"]}
        }}"#;
        fs::replace(&folder.path().join("dist-manifest.json"), list.as_bytes()).expect("written");
        let listing = read(folder.path()).expect("a listing");
        let target = |name| listing.find(name).and_then(|entry| entry.recognised.target());
        assert_eq!(target("greet.tar.xz").expect("a target").to_string(), "linux/amd64 (musl)");
        assert_eq!(target("greet-installer.sh"), None);
        assert_eq!(listing.find("source.tar.gz").expect("source").recognised.kind, Kind::Other);
        assert_eq!(listing.missing().collect::<Vec<_>>(), ["lost.zip"]);
    }

    #[test]
    fn a_file_of_the_same_name_from_elsewhere_is_no_list() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::replace(&folder.path().join("artifacts.json"), b"{\"mine\": 1}").expect("written");
        let listing = read(folder.path()).expect("a listing");
        assert!(!listing.hides("artifacts.json"));
    }
}
