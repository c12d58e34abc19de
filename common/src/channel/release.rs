//! The release a tool works on: its tag, its manifest where there is one, its folders.
//! Reads local files only.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::digest::{self, Algorithm, lines};
use crate::error::Failure;
use crate::fs;
use crate::git::Repository;
use crate::manifest::{self, Frozen, Kind, Manifest};
use crate::report::Finding;
use crate::tag::Tag;

/// One release.
#[derive(Debug)]
pub struct Release {
    /// Its tag.
    pub tag: Tag,
    /// Its manifest; absent where `dist/` was lost or never made.
    pub frozen: Option<Frozen>,
    /// The folder of built files.
    pub dist: PathBuf,
    /// The git repository it is released from, where there is one.
    pub repository: Option<Repository>,
}

impl Release {
    /// Loads the release of `tag`.
    ///
    /// # Errors
    /// Refused, when `dist/` holds the manifest of another tag.
    pub fn load(tag: Tag, dist: &Path, root: &Path) -> Result<Self> {
        let frozen = manifest::load(dist)?;
        if let Some(frozen) = &frozen
            && frozen.manifest.tag != tag.name()
        {
            return Err(Failure::refused(format!(
                "`{}` is the manifest of {}, not of {tag}",
                dist.join(manifest::FILE).display(),
                frozen.manifest.tag
            ))
            .hint(format!("build {tag} into a folder of its own and name it with --dist, or bring it back: checksum restore {tag} --dist DIR"))
            .into());
        }
        Ok(Self { tag, frozen, dist: dist.to_owned(), repository: Repository::find(root) })
    }

    /// Returns the manifest with its digest.
    ///
    /// # Errors
    /// Refused, with the command that makes one or brings it back.
    pub fn frozen(&self) -> Result<&Frozen> {
        self.frozen.as_ref().ok_or_else(|| {
            Failure::refused(format!("there is no `{}`", self.dist.join(manifest::FILE).display()))
                .hint(format!(
                    "freeze the built files: checksum create {tag} (or, where this release was staged before: checksum restore {tag})",
                    tag = self.tag
                ))
                .into()
        })
    }

    /// Returns the manifest.
    pub fn manifest(&self) -> Result<&Manifest> {
        Ok(&self.frozen()?.manifest)
    }

    /// Returns where a channel keeps what it made out of the artifacts.
    pub fn derived(&self, channel: &str, name: &str) -> PathBuf {
        self.dist.join("derived").join(self.tag.file_name()).join(channel).join(name)
    }

    /// Finds what is wrong in a list of digests, line by line against the manifest, as
    /// `sha256sum -c` would find it; nothing where it is true.
    pub fn untrue_line(&self, list: &str) -> Option<String> {
        let manifest = self.manifest().ok()?;
        let listed = match lines::read(list) {
            Ok(listed) => listed,
            Err(error) => return Some(format!("{error:#}")),
        };
        listed.into_iter().find_map(|line| {
            let Some(artifact) = manifest.artifact(&line.name) else {
                return Some(format!("it lists `{}`, which the manifest does not", line.name));
            };
            let known = [Some(&artifact.sha256), artifact.sha512.as_ref()];
            let true_line = known.into_iter().flatten().any(|digest| *digest == line.digest);
            (!true_line).then(|| format!("its line for `{}` is not true", line.name))
        })
    }

    /// Compares every artifact on disk with the manifest, lists of digests line by line.
    pub fn inspect_files(&self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for artifact in &self.manifest()?.artifacts {
            let path = artifact.file(&self.dist);
            let remedy = format!("build it again, or: checksum restore {}", self.tag);
            let finding = match digest::of_file(&path, Algorithm::Sha256) {
                Ok(found) if found.sha256 == artifact.sha256 => {
                    if artifact.kind != Kind::Checksums {
                        continue;
                    }
                    let Some(reason) = self.untrue_line(&fs::read_text(&path)?) else { continue };
                    Finding::error(
                        "checksums_untrue",
                        format!("`{}` is wrong: {reason}", path.display()),
                    )
                }
                Ok(found) => Finding::error(
                    "artifact_changed",
                    format!(
                        "`{}` has the digest {}, the manifest says {}",
                        path.display(),
                        found.sha256,
                        artifact.sha256
                    ),
                ),
                Err(error) => Finding::error("artifact_unreadable", format!("{error:#}")),
            };
            findings.push(finding.suggest(remedy));
        }
        Ok(findings)
    }
}
