//! `checksum create`: finds, recognises and hashes the artifacts of a tag, and freezes them.
//! Knows no channel; whether anything is public already is for `channels rollback` to find out.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use common::cli::{Flags, Outcome};
use common::config::Configuration;
use common::digest::Algorithm;
use common::error::Failure;
use common::git::Repository;
use common::tag::Tag;
use common::{console, error, lock};

use crate::collect;
use crate::draft;
use crate::freeze::{Freeze, refuse_all};

/// How many notes are shown to a person at once.
const SHOWN: usize = 20;

/// What `create` is asked.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The release's tag, such as v1.2.3
    pub tag: String,
    /// Files and folders to list; files from elsewhere are brought into the folder of built files [default: that folder]
    #[arg(value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,
    /// The digest in checksums.txt; sha256 is in the manifest in any case
    #[arg(long, default_value = "sha256", value_name = "sha256|sha512")]
    pub algorithm: Algorithm,
    /// The commit it was built from [default: the tag's, else HEAD]
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
}

impl Create {
    /// Freezes the list, or finds it frozen.
    pub(crate) fn run(&self, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
        outcome.document.tag = Some(self.tag.clone());
        let configuration = Configuration::load(flags.config.as_deref())?;
        let dist = &flags.dist;
        let tag = Tag::parse(&self.tag, configuration.tag_pattern.as_deref());
        if self.files.is_empty() && !dist.is_dir() {
            tag?;
            return Err(Failure::refused(format!("there is no folder `{}`", dist.display()))
                .hint("build first, or name the folder of built files with --dist")
                .into());
        }
        let _lock =
            if flags.dry_run { None } else { Some(lock::take(dist, "checksum", lock::PATIENCE)?) };
        let collection = collect::collect(dist, &self.files)?;
        let version = tag.as_ref().ok().map(|tag| tag.version().to_string());
        let mut draft =
            draft::draft(collection, &configuration.artifacts, version.as_deref(), self.algorithm)?;
        let tag = match tag {
            Ok(tag) => tag,
            Err(invalid) if draft.refusals.is_empty() => return Err(invalid),
            Err(invalid) => {
                // Said with the rest, so that one run tells all.
                let advice =
                    error::hint(&invalid).map(|hint| format!("; {hint}")).unwrap_or_default();
                draft.refusals.insert(0, format!("{invalid}{advice}"));
                return refuse_all(outcome, &format!("freeze `{}`", self.tag), &draft.refusals);
            }
        };
        let commit = self.commit(&configuration, &mut draft.notes);
        if let Err(unknown) = &commit
            && !draft.refusals.is_empty()
        {
            draft.refusals.push(unknown.to_string());
        }
        refuse_all(outcome, &format!("freeze {tag}"), &draft.refusals)?;
        let commit = commit?;
        for note in draft.notes.iter().take(SHOWN) {
            console::warn(note);
        }
        if draft.notes.len() > SHOWN {
            console::warn(&format!(
                "and {} more of this kind (--json has all)",
                draft.notes.len() - SHOWN
            ));
        }
        outcome.document.notes = draft.notes;
        let incoming = draft
            .files
            .iter()
            .filter(|(candidate, _)| candidate.outside)
            .map(|(candidate, artifact)| {
                (candidate.file.clone(), dist.join(&artifact.name), artifact.sha256.clone())
            })
            .collect();
        let artifacts = draft.files.into_iter().map(|(_, artifact)| artifact).collect();
        Freeze { dist, tag: tag.name(), commit: &commit, artifacts, incoming }.run(flags, outcome)
    }

    /// Finds the commit: the one given, the tag's, or the one at hand.
    fn commit(&self, configuration: &Configuration, notes: &mut Vec<String>) -> Result<String> {
        let full = |text: &str| {
            matches!(text.len(), 40 | 64)
                && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if let Some(given) = self.commit.as_ref().filter(|given| full(given)) {
            return Ok(given.clone());
        }
        let repository = Repository::find(&configuration.root);
        if let Some(given) = &self.commit {
            let resolved =
                repository.and_then(|repository| repository.commit(given).ok().flatten());
            return resolved.ok_or_else(|| {
                Failure::usage(format!("`{given}` is no commit"))
                    .hint("give its 40 hexadecimal digits: git rev-parse HEAD")
                    .into()
            });
        }
        let unknown = || {
            Failure::refused("the commit that was built is not known: there is no git repository with a commit here")
                .hint("name it with --commit SHA")
        };
        let repository = repository.ok_or_else(unknown)?;
        if let Some(tag) = repository.tag(&self.tag)? {
            return Ok(tag.commit);
        }
        let head = repository.commit("HEAD")?.ok_or_else(unknown)?;
        notes.push(format!(
            "the tag {0} does not exist here yet: the manifest names HEAD; make it with: git tag -a {0} -m {0} {1}",
            self.tag,
            head.get(..12).unwrap_or(&head)
        ));
        Ok(head)
    }
}
