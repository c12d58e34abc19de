//! `checksum verify`: are the files still the ones that the manifest, or a list of digests, names?
//! Writes nothing and asks nobody.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use common::cli::{Flags, Outcome};
use common::config::Configuration;
use common::digest::{Algorithm, lines};
use common::error::Failure;
use common::manifest::{self, Manifest};
use common::report::{Comparison, Verdict};
use common::{console, fs};

use crate::collect::{self, CHECKSUMS};
use crate::{draft, pool};

/// What `verify` is asked.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A manifest or a list of digests; its files lie beside it [default: both of the folder of built files]
    #[arg(value_name = "FILE")]
    pub list: Option<PathBuf>,
}

/// What one list says of one file.
struct Claim {
    name: String,
    file: PathBuf,
    algorithm: Algorithm,
    digest: String,
}

impl Verify {
    /// Compares every file, then fails with all that is missing, different or too much.
    pub(crate) fn run(&self, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
        let (mut claims, mut extra) = (Vec::new(), Vec::new());
        for list in self.lists(&flags.dist)? {
            let text = fs::read_text(&list)?;
            let folder = match list.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            if text.trim_start().starts_with('{') {
                let manifest = Manifest::parse(&text, &list.display().to_string())?;
                outcome.document.tag = Some(manifest.tag.clone());
                claims.extend(of_manifest(&manifest, folder));
                extra = unlisted(&manifest, folder, flags)?;
            } else {
                claims.extend(of_lines(&text, &list, folder)?);
            }
        }
        let checked = claims.len();
        let mut verdicts = compare(&claims);
        verdicts.extend(extra.into_iter().map(|name| Verdict {
            name,
            verdict: Comparison::Differs,
            url: None,
            sha256: None,
            reason: Some("it is not in the manifest".to_owned()),
        }));
        // The manifest and the list of digests say the same of most files: once is enough.
        verdicts.sort_by(|a, b| (&a.name, &a.reason).cmp(&(&b.name, &b.reason)));
        verdicts.dedup_by(|next, before| next.name == before.name && next.reason == before.reason);
        let wrong: Vec<&Verdict> =
            verdicts.iter().filter(|verdict| verdict.verdict != Comparison::Same).collect();
        let list: String = wrong
            .iter()
            .map(|verdict| {
                let reason = verdict.reason.as_deref().unwrap_or("it differs");
                format!("\n  - `{}`: {reason}", verdict.name.escape_debug())
            })
            .collect();
        let (bad, tag) = (wrong.len(), outcome.document.tag.clone());
        outcome.document.verdicts = verdicts;
        if bad == 0 {
            console::note(&format!("{checked} digests agree"));
            return Ok(());
        }
        let failure = Failure::no(format!("{bad} of the files are not what they should be:{list}"));
        Err(match tag {
            Some(tag) => failure.hint(format!(
                "if they were staged or published already, fetch them again: checksum restore {tag} --dist FOLDER"
            )),
            None => failure,
        }
        .into())
    }

    fn lists(&self, dist: &Path) -> Result<Vec<PathBuf>> {
        if let Some(list) = &self.list {
            return Ok(vec![list.clone()]);
        }
        let both = [dist.join(manifest::FILE), dist.join(CHECKSUMS)];
        let there: Vec<PathBuf> = both.into_iter().filter(|path| path.exists()).collect();
        if there.is_empty() {
            return Err(Failure::refused(format!(
                "there is neither a manifest nor a `{CHECKSUMS}` in `{}`",
                dist.display()
            ))
            .hint("make them: checksum create TAG")
            .into());
        }
        Ok(there)
    }
}

fn of_manifest(manifest: &Manifest, folder: &Path) -> Vec<Claim> {
    let mut claims = Vec::new();
    for artifact in &manifest.artifacts {
        let claim = |algorithm, digest: &str| Claim {
            name: artifact.name.clone(),
            file: artifact.file(folder),
            algorithm,
            digest: digest.to_owned(),
        };
        claims.push(claim(Algorithm::Sha256, &artifact.sha256));
        if let Some(sha512) = &artifact.sha512 {
            claims.push(claim(Algorithm::Sha512, sha512));
        }
    }
    claims
}

/// Names in a list are of published files; beside a manifest, that says in which folder each lies.
fn of_lines(text: &str, list: &Path, folder: &Path) -> Result<Vec<Claim>> {
    let wrap = || format!("`{}` is no list of digests", list.display());
    let lines = lines::read(text).map_err(|error| Failure::refused(wrap()).because(error))?;
    if lines.is_empty() {
        return Err(Failure::refused(wrap()).because(anyhow::anyhow!("it has no line")).into());
    }
    let manifest = if list.file_name().is_some_and(|name| name == CHECKSUMS) {
        manifest::load(folder)?
    } else {
        None
    };
    let place = |name: &str| {
        let listed = manifest.as_ref().and_then(|frozen| frozen.manifest.artifact(name));
        listed.map_or_else(|| folder.join(name), |artifact| artifact.file(folder))
    };
    Ok(lines
        .into_iter()
        .map(|line| Claim {
            file: place(&line.name),
            name: line.name,
            algorithm: line.algorithm,
            digest: line.digest,
        })
        .collect())
}

/// Returns the names of files that `create` would list and the manifest does not.
fn unlisted(manifest: &Manifest, folder: &Path, flags: &Flags) -> Result<Vec<String>> {
    let configuration = Configuration::load(flags.config.as_deref())?;
    let collection = collect::collect(folder, &[])?;
    let candidates = draft::selected(collection, &configuration.artifacts)?;
    let names = candidates.into_iter().map(|candidate| candidate.name);
    Ok(names.filter(|name| manifest.artifact(name).is_none()).collect())
}

fn compare(claims: &[Claim]) -> Vec<Verdict> {
    let long = claims.iter().any(|claim| claim.algorithm == Algorithm::Sha512);
    let mut files: Vec<&Path> = claims.iter().map(|claim| claim.file.as_path()).collect();
    files.sort_unstable();
    files.dedup();
    let algorithm = if long { Algorithm::Sha512 } else { Algorithm::Sha256 };
    let digests = pool::hash(&files, algorithm);
    let verdict = |claim: &Claim| {
        let at = files.binary_search(&claim.file.as_path()).ok()?;
        let (verdict, sha256, reason) = match &digests[at] {
            Err(error) if !claim.file.exists() => {
                let _ = error;
                (Comparison::Missing, None, Some("it is missing".to_owned()))
            }
            Err(error) => (Comparison::Differs, None, Some(format!("{error:#}"))),
            Ok(found) => {
                let own = match claim.algorithm {
                    Algorithm::Sha256 => Some(&found.sha256),
                    Algorithm::Sha512 => found.sha512.as_ref(),
                };
                let same = own.is_some_and(|own| *own == claim.digest);
                let comparison = if same { Comparison::Same } else { Comparison::Differs };
                let reason = (!same).then(|| {
                    let own = own.map_or("", String::as_str);
                    format!("its {} is {own}, not {}", claim.algorithm, claim.digest)
                });
                (comparison, Some(found.sha256.clone()), reason)
            }
        };
        Some(Verdict { name: claim.name.clone(), verdict, url: None, sha256, reason })
    };
    claims.iter().filter_map(verdict).collect()
}
