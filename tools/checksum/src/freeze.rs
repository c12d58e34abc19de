//! Writes `checksums.txt` and the manifest, once: an equal one stays as it is, another is refused.
//! The only place of this program that writes a manifest.

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Result;
use common::cli::{Flags, Outcome};
use common::error::Failure;
use common::manifest::{self, Artifact, Manifest, SCHEMA};
use common::report::{Action, Finding, Item, Status, Step};
use common::{console, fs};

use crate::collect::CHECKSUMS;
use crate::{draft, frozen, place};

/// What is about to be frozen.
pub(crate) struct Freeze<'a> {
    /// The folder.
    pub dist: &'a Path,
    /// The release's tag.
    pub tag: &'a str,
    /// The commit it was built from.
    pub commit: &'a str,
    /// The artifacts, `checksums.txt` not yet among them.
    pub artifacts: Vec<Artifact>,
    /// Files that have to be brought into the folder first: from, to, SHA-256.
    pub incoming: Vec<(PathBuf, PathBuf, String)>,
}

/// Fails with everything that has to be refused at once; nothing has been written yet.
pub(crate) fn refuse_all(outcome: &mut Outcome, what: &str, refusals: &[String]) -> Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    outcome
        .document
        .findings
        .extend(refusals.iter().map(|refusal| Finding::error("refused", refusal.as_str())));
    let list: String = refusals.iter().map(|refusal| format!("\n  - {refusal}")).collect();
    Err(Failure::refused(format!("refusing to {what}:{list}"))
        .hint("nothing was written; put this right, then run the same command again")
        .into())
}

fn item(artifact: &Artifact, action: Action) -> Item {
    Item::new(&artifact.name, action).bytes(artifact.size, &artifact.sha256)
}

impl Freeze<'_> {
    /// Compares, and writes what is missing unless this is a dry run.
    pub(crate) fn run(self, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
        let (artifacts, checksums) = draft::with_checksums(self.artifacts);
        let now = Manifest {
            schema: SCHEMA,
            tag: self.tag.to_owned(),
            commit: self.commit.to_owned(),
            artifacts,
        };
        let path = self.dist.join(manifest::FILE);
        let then = manifest::load(self.dist)?;
        if let Some(then) = &then
            && then.manifest != now
        {
            return Err(frozen::refusal(&path, &then.manifest, &now).into());
        }
        let mut refusals = Vec::new();
        for (_, to, sha256) in &self.incoming {
            if !place::is_free(to, sha256)? {
                refusals.push(format!("`{}` is there already with other bytes", to.display()));
            }
        }
        refuse_all(outcome, &format!("freeze {}", self.tag), &refusals)?;

        let listed = if then.is_some() { Action::Unchanged } else { Action::Created };
        // Nobody else sees them, and ten thousand take their place in memory.
        if flags.json {
            outcome.document.items = now.artifacts.iter().map(|one| item(one, listed)).collect();
        }
        outcome.text = path.display().to_string();
        let checksums_path = self.dist.join(CHECKSUMS);
        let stale = !matches!(fs::read_text_if_there(&checksums_path), Ok(Some(there)) if there == checksums);
        let missing: Vec<_> = self.incoming.into_iter().filter(|(_, to, _)| !to.exists()).collect();
        if then.is_some() && !stale && missing.is_empty() {
            outcome.document.status = Status::Unchanged;
            console::note(&format!("`{}` is frozen already, with the same files", path.display()));
            return Ok(());
        }
        if flags.dry_run {
            let mut step = |text: String| {
                console::note(&text);
                outcome.document.steps.push(Step { step: text.clone().into(), text });
            };
            for (from, to, _) in &missing {
                step(format!("would bring `{}` to `{}`", from.display(), to.display()));
            }
            if stale {
                step(format!("would write `{}`", checksums_path.display()));
            }
            if then.is_none() {
                step(format!("would freeze {} files in `{}`", now.artifacts.len(), path.display()));
            }
            outcome.document.status = Status::Planned;
            return Ok(());
        }
        for (from, to, sha256) in &missing {
            place::place(from, to, sha256)?;
        }
        // Written out while the other file goes to the disk: with many files both take their time.
        let (written, manifest) = thread::scope(|scope| {
            let manifest = then.is_none().then(|| scope.spawn(|| now.to_bytes()));
            let written =
                if stale { fs::replace(&checksums_path, checksums.as_bytes()) } else { Ok(()) };
            (written, manifest.map(|bytes| bytes.join().expect("a manifest can be written out")))
        });
        written?;
        // Last: whoever sees the manifest sees everything that it lists.
        if let Some(bytes) = manifest {
            fs::replace(&path, &bytes)?;
        }
        let bytes: u64 = now.artifacts.iter().map(|artifact| artifact.size).sum();
        console::note(&format!(
            "froze {} files ({}) of {} at commit {} in `{}`",
            now.artifacts.len(),
            console::bytes(bytes),
            self.tag,
            self.commit.get(..12).unwrap_or(self.commit),
            path.display()
        ));
        Ok(())
    }
}
