//! The manifest: the frozen list of artifacts of one tag, `dist/manifest.json`.
//! Written by `checksum`, read by all; knows no channel and hashes nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::{fs, json};

/// The file's name inside `dist/`.
pub const FILE: &str = "manifest.json";

/// The version of the format; a reader refuses any other.
pub const SCHEMA: u32 = 1;

/// The artifacts of one tag, in bytewise order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format: 1.
    pub schema: u32,
    /// The release's tag, in full (`v1.2.3`, `greet/v1.2.3`).
    pub tag: String,
    /// The commit it was built from: 40 or 64 lower-case hexadecimal digits.
    pub commit: String,
    /// The files, sorted by name.
    pub artifacts: Vec<Artifact>,
}

/// One file of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The name under which it is published: one path component, unique in the manifest.
    pub name: String,
    /// Where it lies inside `dist/`, with `/` between folders; absent when that is its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What it runs on; absent for files that run nowhere or everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// SHA-512 in lower-case hexadecimal, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha512: Option<String>,
}

/// What an artifact is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A `.tar.gz`, `.zip` and the like that carries the program.
    Archive,
    /// The program itself.
    Binary,
    /// A Python wheel.
    Wheel,
    /// A Python source distribution.
    Sdist,
    /// A package of a system's own kind (`.deb`, `.rpm`, `.apk`, `.msi`, `.dmg`, `.nupkg`, ...).
    Package,
    /// A list of digests.
    Checksums,
    /// A signature, certificate or attestation of another file.
    Signature,
    /// Anything else (SBOMs, completions, installers, ...).
    Other,
}

/// What a program runs on, in the words of Go (`linux`, `amd64`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// `linux`, `darwin`, `windows`, `freebsd`, ...
    pub os: String,
    /// `amd64`, `arm64`, `386`, `arm`, ...; `universal` for macOS binaries that carry both.
    pub arch: String,
    /// `gnu`, `musl`, `msvc`, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// `v7` of `arm`, `v3` of `amd64`, ..., where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)?;
        if let Some(variant) = &self.variant {
            write!(f, "/{variant}")?;
        }
        if let Some(libc) = &self.libc {
            write!(f, " ({libc})")?;
        }
        Ok(())
    }
}

impl Artifact {
    /// Returns where the file lies.
    pub fn file(&self, dist: &Path) -> PathBuf {
        dist.join(self.path.as_deref().unwrap_or(&self.name))
    }
}

impl Manifest {
    /// Returns the bytes of the file: the same for the same artifacts on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::pretty(self)
    }

    /// Parses and checks a manifest; `name` is its path, for messages.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let manifest: Self = json::parse(text, name, 1)?;
        if let Err(reason) = manifest.inspect() {
            return Err(Failure::refused(format!("`{name}` is not a manifest: {reason}")).into());
        }
        Ok(manifest)
    }

    /// Refuses what the writer never writes: another machine's file is suspect too.
    fn inspect(&self) -> Result<()> {
        if self.schema != SCHEMA {
            bail!("its schema is {}, this program reads {SCHEMA}", self.schema);
        }
        if !matches!(self.commit.len(), 40 | 64) || !is_hex(&self.commit) {
            bail!("its commit is not a full object name");
        }
        let mut names = BTreeSet::new();
        for artifact in &self.artifacts {
            let name = &artifact.name;
            if !is_component(name) {
                bail!("artifact name {name:?} is not a plain file name");
            }
            if let Some(path) = &artifact.path
                && !path.split('/').all(is_component)
            {
                bail!("the path {path:?} of `{name}` leaves its folder");
            }
            if artifact.sha256.len() != 64 || !is_hex(&artifact.sha256) {
                bail!("the sha256 of `{name}` is not 64 lower-case hexadecimal digits");
            }
            if !names.insert(name) {
                bail!("`{name}` is in it twice");
            }
        }
        Ok(())
    }

    /// Finds an artifact by name.
    pub fn artifact(&self, name: &str) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.name == name)
    }
}

/// A manifest as it lies in `dist/`, with the digest of its bytes.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The parsed list.
    pub manifest: Manifest,
    /// The SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// The size of the file in bytes.
    pub size: u64,
}

/// Loads `DIST/manifest.json`; `None` where there is none.
pub fn load(dist: &Path) -> Result<Option<Frozen>> {
    let path = dist.join(FILE);
    let Some(text) = fs::read_text_if_there(&path)? else { return Ok(None) };
    let manifest = Manifest::parse(&text, &path.display().to_string())?;
    Ok(Some(Frozen {
        manifest,
        sha256: crate::digest::hex(&Sha256::digest(text.as_bytes())),
        size: text.len() as u64,
    }))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Tells whether a name is one harmless path component.
pub fn is_component(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        Manifest {
            schema: 1,
            tag: "v1.0.0".into(),
            commit: "0".repeat(40),
            artifacts: vec![Artifact {
                name: "greet_1.0.0_linux_amd64.tar.gz".into(),
                path: None,
                kind: Kind::Archive,
                target: Some(Target {
                    os: "linux".into(),
                    arch: "amd64".into(),
                    libc: None,
                    variant: None,
                }),
                size: 6,
                sha256: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".into(),
                sha512: None,
            }],
        }
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Manifest), reason: &str) {
        let mut manifest = sample();
        change(&mut manifest);
        let text = String::from_utf8(manifest.to_bytes()).unwrap();
        let error = Manifest::parse(&text, "m.json").unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = String::from_utf8(sample().to_bytes()).unwrap();
        assert_eq!(Manifest::parse(&text, "m.json").unwrap(), sample());
    }

    #[test]
    fn hostile_manifests_are_refused() {
        refused(|m| m.schema = 2, "schema is 2");
        refused(|m| m.commit = "HEAD".into(), "commit");
        refused(|m| m.artifacts[0].name = "../x".into(), "plain file name");
        refused(|m| m.artifacts[0].name = "a\u{1b}[31m".into(), "plain file name");
        refused(|m| m.artifacts[0].path = Some("/etc/passwd".into()), "leaves its folder");
        refused(|m| m.artifacts[0].path = Some("a/../../b".into()), "leaves its folder");
        refused(|m| m.artifacts[0].sha256 = "AB".into(), "sha256");
        refused(|m| m.artifacts.push(m.artifacts[0].clone()), "twice");
    }
}
