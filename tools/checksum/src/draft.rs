//! From collected files to the manifest they make: recognised, hashed, refused all at once.
//! Reads files and writes none; the same files give the same manifest on every machine.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use common::config::ArtifactRule;
use common::digest::{self, Algorithm, Digests, lines};
use common::manifest::{Artifact, Kind};

use crate::collect::{CHECKSUMS, Candidate, Collection, shown};
use crate::hand::Hand;
use crate::recognise::{self, Recognised};
use crate::{inside, pool};

/// The files of a release, ready to be frozen.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The artifacts with where each is now, in bytewise order of their names.
    pub files: Vec<(Candidate, Artifact)>,
    /// What has to be refused: one sentence each.
    pub refusals: Vec<String>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Drops the files that the configuration leaves out.
pub(crate) fn selected(
    collection: Collection,
    rules: &BTreeMap<String, ArtifactRule>,
) -> Result<Vec<Candidate>> {
    let hand = Hand::new(rules)?;
    let mut candidates = collection.candidates;
    candidates.retain(|candidate| !hand.excludes(&candidate.name));
    Ok(candidates)
}

/// Hashes and judges a collection. `version` is the release's, which is no part of any platform.
pub(crate) fn draft(
    collection: Collection,
    rules: &BTreeMap<String, ArtifactRule>,
    version: Option<&str>,
    algorithm: Algorithm,
) -> Result<Draft> {
    let hand = Hand::new(rules)?;
    let mut draft =
        Draft { refusals: collection.refusals, notes: collection.notes, ..Draft::default() };
    let mut candidates = collection.candidates;
    candidates.retain(|candidate| !hand.excludes(&candidate.name));
    let paths: Vec<&Path> = candidates.iter().map(|candidate| candidate.file.as_path()).collect();
    let known = |index: usize| known(&candidates[index], version);
    let hashed = pool::hash_and(&paths, algorithm, known);
    let mut before: Option<(Candidate, Artifact)> = None;
    draft.files.reserve_exact(candidates.len());
    for (candidate, (digests, mut recognised)) in candidates.into_iter().zip(hashed) {
        let digests = match digests {
            Ok(digests) => digests,
            Err(error) => {
                draft.refusals.push(sentence(&error));
                continue;
            }
        };
        if digests.size == 0 {
            draft.refusals.push(format!("`{}` is empty", shown(&candidate.file)));
            continue;
        }
        hand.apply(&candidate.name, &mut recognised);
        let next = judge(candidate, recognised, digests, &mut draft.notes);
        before = match before {
            None => Some(next),
            Some(before) if before.1.name != next.1.name => {
                draft.files.push(before);
                Some(next)
            }
            Some(before) => Some(one_of(before, next, &mut draft.refusals)),
        };
    }
    draft.files.extend(before);
    if draft.files.is_empty() && draft.refusals.is_empty() {
        draft.refusals.push("there is no file to release".to_owned());
    }
    for key in hand.unused() {
        draft.notes.push(format!("`artifacts.{key}` in the configuration matches no file"));
    }
    draft.notes.sort();
    Ok(draft)
}

/// Another tool's list says more than a name, and the configuration, later, more than both.
fn known(candidate: &Candidate, version: Option<&str>) -> Recognised {
    match &candidate.listed {
        Some(listed) => listed.recognised.clone(),
        None => recognise::recognise(&candidate.name, version),
    }
}

/// A file brought to `dist/` by an earlier run is found twice; anything else of one name is refused.
fn one_of(
    before: (Candidate, Artifact),
    next: (Candidate, Artifact),
    refusals: &mut Vec<String>,
) -> (Candidate, Artifact) {
    let at_home = |candidate: &Candidate| !candidate.outside && candidate.path.is_none();
    if before.1.sha256 == next.1.sha256 && before.0.outside != next.0.outside {
        if at_home(&before.0) {
            return before;
        }
        if at_home(&next.0) {
            return next;
        }
    }
    let (a, b) = (shown(&before.0.file), shown(&next.0.file));
    refusals.push(format!("`{a}` and `{b}` would be published under one name"));
    before
}

fn judge(
    candidate: Candidate,
    mut recognised: Recognised,
    digests: Digests,
    notes: &mut Vec<String>,
) -> (Candidate, Artifact) {
    if recognised.look_inside
        && let Some(kind) = inside::kind(&candidate.file, &candidate.name)
    {
        recognised.kind = kind;
        // Neither needs a platform, and half of one is none.
        recognised.doubt = None;
    }
    if let Some(doubt) = &recognised.doubt {
        let what = match recognised.kind {
            Kind::Other => "other".to_owned(),
            kind => format!("{} without a platform", word(kind)),
        };
        notes.push(format!(
            "`{0}` is listed as {what}: {doubt}; set `artifacts.\"{0}\"` in the configuration",
            candidate.name
        ));
    }
    let artifact = Artifact {
        name: candidate.name.clone(),
        path: candidate.path.clone(),
        kind: recognised.kind,
        target: recognised.target(),
        size: digests.size,
        sha256: digests.sha256,
        sha512: digests.sha512,
    };
    (candidate, artifact)
}

/// Returns a kind as manifests write it.
pub(crate) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Archive => "archive",
        Kind::Binary => "binary",
        Kind::Wheel => "wheel",
        Kind::Sdist => "sdist",
        Kind::Package => "package",
        Kind::Checksums => "checksums",
        Kind::Signature => "signature",
        Kind::Other => "other",
    }
}

/// Writes an error with its causes in one line.
fn sentence(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

/// Writes the lines of `checksums.txt` for artifacts, and lists that file among them.
///
/// SHA-256 unless every artifact has SHA-512.
pub(crate) fn with_checksums(mut artifacts: Vec<Artifact>) -> (Vec<Artifact>, String) {
    artifacts.retain(|artifact| artifact.name != CHECKSUMS);
    let long = !artifacts.is_empty() && artifacts.iter().all(|artifact| artifact.sha512.is_some());
    let mut text = String::new();
    for artifact in &artifacts {
        let digest = artifact.sha512.as_ref().filter(|_| long).unwrap_or(&artifact.sha256);
        text.push_str(&lines::write(digest, &artifact.name));
    }
    let mut hasher = digest::Hasher::new(if long { Algorithm::Sha512 } else { Algorithm::Sha256 });
    hasher.update(text.as_bytes());
    let digests = hasher.finish();
    let at = artifacts.partition_point(|artifact| artifact.name.as_str() < CHECKSUMS);
    artifacts.insert(
        at,
        Artifact {
            name: CHECKSUMS.to_owned(),
            path: None,
            kind: Kind::Checksums,
            target: None,
            size: digests.size,
            sha256: digests.sha256,
            sha512: digests.sha512,
        },
    );
    (artifacts, text)
}
