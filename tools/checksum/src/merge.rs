//! `checksum merge`: one manifest out of those of several build machines.
//! The same tag and commit, and under one name the same bytes; everything else is refused, all at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use common::cli::{Flags, Outcome};
use common::digest::Algorithm;
use common::error::Failure;
use common::manifest::{self, Artifact, Manifest};
use common::{fs, lock};

use crate::collect::CHECKSUMS;
use crate::freeze::{Freeze, refuse_all};
use crate::pool;

/// What `merge` is asked.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Folders with a manifest, or manifests with their files beside them
    #[arg(required = true, value_name = "DIR|MANIFEST")]
    pub parts: Vec<PathBuf>,
    /// Where the joined manifest and its files go
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
}

/// One machine's manifest and the folder of its files.
struct Part {
    folder: PathBuf,
    manifest: Manifest,
}

impl Merge {
    /// Joins the parts and freezes the result.
    pub(crate) fn run(&self, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
        let parts = self.parts.iter().map(|part| read(part)).collect::<Result<Vec<_>>>()?;
        let Some(first) = parts.first() else {
            return Err(Failure::usage("there is nothing to merge").into());
        };
        let (tag, commit) = (first.manifest.tag.clone(), first.manifest.commit.clone());
        outcome.document.tag = Some(tag.clone());
        let mut refusals = Vec::new();
        for part in &parts[1..] {
            let (one, other) = (first.folder.display(), part.folder.display());
            if part.manifest.tag != tag {
                refusals.push(format!("`{one}` is of {tag}, `{other}` of {}", part.manifest.tag));
            }
            if part.manifest.commit != commit {
                let commits = (&commit, &part.manifest.commit);
                refusals.push(format!(
                    "`{one}` was built from {}, `{other}` from {}",
                    commits.0, commits.1
                ));
            }
        }
        let joined = join(&parts, &mut refusals);
        let joined = rehash(joined, &mut refusals);
        refuse_all(outcome, &format!("merge {tag}"), &refusals)?;

        let _lock = if flags.dry_run {
            None
        } else {
            Some(lock::take(&self.output, "checksum", lock::PATIENCE)?)
        };
        let incoming = joined
            .iter()
            .map(|(file, artifact)| {
                (file.clone(), artifact.file(&self.output), artifact.sha256.clone())
            })
            .collect();
        let artifacts = joined.into_iter().map(|(_, artifact)| artifact).collect();
        Freeze { dist: &self.output, tag: &tag, commit: &commit, artifacts, incoming }
            .run(flags, outcome)
    }
}

fn read(part: &Path) -> Result<Part> {
    let (folder, path) = if part.is_dir() {
        (part.to_owned(), part.join(manifest::FILE))
    } else {
        let folder = part.parent().filter(|folder| !folder.as_os_str().is_empty());
        (folder.unwrap_or(Path::new(".")).to_owned(), part.to_owned())
    };
    let text = fs::read_text_if_there(&path)?.ok_or_else(|| {
        Failure::refused(format!("there is no manifest `{}`", path.display()))
            .hint("make it on the machine that built the files: checksum create TAG")
    })?;
    Ok(Part { manifest: Manifest::parse(&text, &path.display().to_string())?, folder })
}

/// Joins the artifacts by name; each machine's own list of digests is made anew.
fn join(parts: &[Part], refusals: &mut Vec<String>) -> Vec<(PathBuf, Artifact)> {
    let mut joined: BTreeMap<&str, (PathBuf, &Artifact)> = BTreeMap::new();
    for part in parts {
        for artifact in part.manifest.artifacts.iter().filter(|one| one.name != CHECKSUMS) {
            let file = artifact.file(&part.folder);
            match joined.get(artifact.name.as_str()) {
                None => {
                    joined.insert(&artifact.name, (file, artifact));
                }
                Some((other, before)) if before.sha256 != artifact.sha256 => {
                    refusals.push(format!(
                        "`{}` has sha256 {}, `{}` {}",
                        other.display(),
                        before.sha256,
                        file.display(),
                        artifact.sha256
                    ));
                }
                Some((other, before))
                    if (before.kind, &before.target, &before.path)
                        != (artifact.kind, &artifact.target, &artifact.path) =>
                {
                    refusals.push(format!(
                        "`{}` and `{}` are the same bytes, but their manifests say different things of them",
                        other.display(),
                        file.display()
                    ));
                }
                Some(_) => {}
            }
        }
    }
    let mut paths: BTreeMap<String, &str> = BTreeMap::new();
    for (name, (_, artifact)) in &joined {
        let path = artifact.path.clone().unwrap_or_else(|| (*name).to_owned());
        if let Some(other) = paths.insert(path.clone(), name) {
            refusals.push(format!("`{other}` and `{name}` would both lie at `{path}`"));
        }
    }
    joined.into_values().map(|(file, artifact)| (file, artifact.clone())).collect()
}

/// Hashes the files themselves: a manifest that travelled says what was, not what arrived.
fn rehash(
    joined: Vec<(PathBuf, Artifact)>,
    refusals: &mut Vec<String>,
) -> Vec<(PathBuf, Artifact)> {
    let long = joined.iter().any(|(_, artifact)| artifact.sha512.is_some());
    let algorithm = if long { Algorithm::Sha512 } else { Algorithm::Sha256 };
    let files: Vec<&Path> = joined.iter().map(|(file, _)| file.as_path()).collect();
    let digests = pool::hash(&files, algorithm);
    let mut kept = Vec::new();
    for ((file, artifact), digests) in joined.into_iter().zip(digests) {
        match digests {
            Err(error) => refusals.push(format!("{error:#}")),
            Ok(found) if found.sha256 != artifact.sha256 => refusals.push(format!(
                "`{}` has sha256 {}, its manifest says {}",
                file.display(),
                found.sha256,
                artifact.sha256
            )),
            Ok(found) => kept.push((file, Artifact { sha512: found.sha512, ..artifact })),
        }
    }
    kept
}
