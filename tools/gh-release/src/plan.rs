//! Decides what is missing. Pure: a release and what was seen -> steps, or a refusal.

use std::fmt;

use anyhow::Result;
use common::channel::{Goal, Plan, Release as Local};
use common::console;
use common::error::Failure;
use common::manifest;
use common::tag::Tag;
use serde::Serialize;

use crate::GitHub;
use crate::remote::{Remote, WITHDRAWN, Wanted, compare};
use crate::settings::{MakeLatest, Prerelease};
use crate::wire::Release;

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Make the draft, notes and all.
    CreateDraft { tag: String, prerelease: bool },
    /// Delete a draft of ours that is one too many.
    RemoveDraft { id: u64 },
    /// Delete a half stored or wrong file of our own draft.
    RemoveAsset { id: u64, name: String },
    /// Upload files.
    Upload { files: Vec<String>, bytes: u64 },
    /// Look once more whether a draft of ours is one too many.
    SweepDrafts,
    /// Push the tag.
    PushTag { tag: String, commit: String },
    /// Name the latest release by word, so that publishing another does not move it: where none
    /// is named, GitHub takes the newest by date, whatever its `make_latest` said.
    HoldLatest { id: u64, tag: String },
    /// Make the release visible.
    Publish { tag: String },
    /// Make a release the latest.
    MakeLatest { id: u64, tag: String, from: Option<String> },
    /// Take a release back to draft.
    Withdraw { id: u64, tag: String },
    /// Delete a release and its assets.
    DeleteRelease { id: u64, tag: String },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::CreateDraft { tag, prerelease: false } => write!(f, "create the draft of {tag}"),
            Step::CreateDraft { tag, .. } => write!(f, "create the draft of the pre-release {tag}"),
            Step::RemoveDraft { id } => write!(f, "remove our draft {id}"),
            Step::RemoveAsset { name, .. } => {
                write!(f, "remove the half stored `{name}` of our draft")
            }
            Step::Upload { files, bytes } => {
                let size = console::bytes(*bytes);
                match files.as_slice() {
                    [one] => write!(f, "upload `{one}` ({size})"),
                    many => write!(f, "upload {} files ({size}): {}", many.len(), many.join(", ")),
                }
            }
            Step::SweepDrafts => write!(f, "look for drafts of ours that are one too many"),
            Step::PushTag { tag, commit } => write!(f, "push the tag {tag} ({commit})"),
            Step::HoldLatest { tag, .. } => write!(f, "keep {tag} the latest release for now"),
            Step::Publish { tag } => write!(f, "publish {tag}"),
            Step::MakeLatest { tag, from: Some(from), .. } => {
                write!(f, "make {tag} the latest release (now {from})")
            }
            Step::MakeLatest { tag, .. } => write!(f, "make {tag} the latest release"),
            Step::Withdraw { tag, .. } => write!(f, "take {tag} back to draft"),
            Step::DeleteRelease { tag, .. } => write!(f, "delete the release {tag} and its assets"),
        }
    }
}

impl GitHub {
    /// Decides for one goal.
    pub(crate) fn decide(
        &self,
        goal: &Goal,
        release: &Local,
        remote: &Remote,
    ) -> Result<Plan<Step>> {
        remote.access.writer()?;
        match goal {
            Goal::Staged => Ok(Plan::of(self.stage(release, remote)?)),
            Goal::Published => self.publish(release, remote),
            Goal::Promoted { allow_lower } => self.promote(*allow_lower, release, remote),
            Goal::RolledBack { to, delete } => {
                self.roll_back(to.as_ref(), *delete, release, remote)
            }
        }
    }

    /// Tells whether the release is a pre-release.
    pub(crate) fn prerelease(&self, tag: &Tag) -> bool {
        match self.settings.prerelease.unwrap_or_default() {
            Prerelease::Auto => tag.is_prerelease(),
            Prerelease::True => true,
            Prerelease::False => false,
        }
    }

    fn stage(&self, release: &Local, remote: &Remote) -> Result<Vec<Step>> {
        let frozen = release.frozen()?;
        let wanted = self.wanted(release);
        refuse_other_tag(release, remote)?;
        if let Some(published) = &remote.published {
            return complete(release, remote, published, &wanted);
        }
        let mut steps = Vec::new();
        let draft = remote.draft(&frozen.sha256);
        if let Some(other) = remote.drafts.first().filter(|_| draft.is_none()) {
            return Err(Failure::refused(format!(
                "the draft {} of {} holds other bytes than this manifest",
                other.id, release.tag
            ))
            .hint(format!("remove what was staged: gh-release rollback {} --yes", release.tag))
            .into());
        }
        for extra in
            remote.drafts.iter().filter(|extra| draft.is_some_and(|draft| draft.id != extra.id))
        {
            steps.push(Step::RemoveDraft { id: extra.id });
        }
        let comparison = compare(&wanted, if draft.is_some() { &remote.assets } else { &[] });
        if draft.is_none() {
            if let Err(reason) = &remote.notes {
                return Err(Failure::refused(format!("there are no release notes: {reason}"))
                    .hint("write them and name the file: publishers.github.config.notes_file")
                    .into());
            }
            let prerelease = self.prerelease(&release.tag);
            steps.push(Step::CreateDraft { tag: release.tag.name().into(), prerelease });
        }
        for (id, file) in &comparison.different {
            steps.push(Step::RemoveAsset { id: *id, name: file.name.clone() });
        }
        let uploads = wanted.iter().filter(|file| {
            comparison.missing.contains(file)
                || comparison.different.iter().any(|(_, different)| different == file)
        });
        // The manifest goes first: with it alone the rest can be found again.
        let (first, rest): (Vec<_>, Vec<_>) = uploads.partition(|file| file.name == manifest::FILE);
        steps.extend([first, rest].into_iter().filter(|files| !files.is_empty()).map(upload));
        Ok(steps)
    }

    fn publish(&self, release: &Local, remote: &Remote) -> Result<Plan<Step>> {
        let mut steps = self.stage(release, remote)?;
        if remote.published.is_some() {
            return Ok(Plan::of(steps));
        }
        if self.settings.draft == Some(true) {
            if steps.is_empty() {
                return Ok(Plan::skip("`draft` is true: the release stays a draft"));
            }
            return Ok(Plan::of(steps));
        }
        let tag = release.tag.name().to_owned();
        steps.push(Step::SweepDrafts);
        if remote.tag.is_none() {
            let commit = release.manifest()?.commit.clone();
            steps.push(Step::PushTag { tag: tag.clone(), commit });
        }
        let latest = remote.others.iter().find(|other| {
            !self.prerelease(&release.tag) && remote.latest.as_ref() == Some(&other.tag_name)
        });
        steps.extend(
            latest.map(|other| Step::HoldLatest { id: other.id, tag: other.tag_name.clone() }),
        );
        steps.push(Step::Publish { tag });
        Ok(Plan::of(steps))
    }

    fn promote(&self, allow_lower: bool, release: &Local, remote: &Remote) -> Result<Plan<Step>> {
        let tag = &release.tag;
        if self.settings.draft == Some(true) && remote.published.is_none() {
            return Ok(Plan::skip(
                "`draft` is true: nothing is published, nothing becomes the latest",
            ));
        }
        let Some(published) = &remote.published else {
            return Err(Failure::refused(format!(
                "{tag} is not published, it cannot become the latest"
            ))
            .hint(format!("gh-release publish {tag}"))
            .into());
        };
        if published.prerelease || self.prerelease(tag) {
            return Ok(Plan::skip(format!(
                "{tag} is a pre-release: the latest release stays as it is"
            )));
        }
        if self.settings.make_latest == Some(MakeLatest::False) {
            return Ok(Plan::skip("`make_latest` is false: the latest release stays as it is"));
        }
        if remote.latest.as_deref() == Some(tag.name()) {
            return Ok(Plan::of(Vec::new()));
        }
        if let Some((higher, _)) = remote.highest_stable(self.pattern(), None)
            && higher.version() > tag.version()
            && !allow_lower
        {
            return Ok(Plan::skip(format!(
                "{higher} is higher than {tag}: the latest release stays as it is (--allow-lower moves it)"
            )));
        }
        Ok(Plan::of(vec![Step::MakeLatest {
            id: published.id,
            tag: tag.name().into(),
            from: remote.latest.clone(),
        }]))
    }

    fn roll_back(
        &self,
        to: Option<&Tag>,
        delete: bool,
        release: &Local,
        remote: &Remote,
    ) -> Result<Plan<Step>> {
        let tag = &release.tag;
        let mut plan = Plan::of(Vec::new());
        let Some(published) = &remote.published else {
            for draft in &remote.drafts {
                let withdrawn = draft.body.as_deref().is_some_and(|body| body.contains(WITHDRAWN));
                if delete || !withdrawn {
                    plan.steps.push(Step::RemoveDraft { id: draft.id });
                }
            }
            return Ok(plan);
        };
        if remote.latest.as_deref() == Some(tag.name()) {
            match self.earlier(to, tag, remote)? {
                Some((older, id)) => plan.steps.push(Step::MakeLatest {
                    id,
                    tag: older.name().into(),
                    from: Some(tag.name().into()),
                }),
                None => plan.notes.push("there is no earlier release to become the latest".into()),
            }
        }
        if published.immutable {
            if plan.steps.is_empty() {
                return Err(Failure::refused(format!("{tag} is immutable: GitHub lets nobody take it back"))
                    .hint("what remains: edit its title and notes, mark it as a pre-release, and release the next version")
                    .into());
            }
            plan.notes.push(format!(
                "{tag} is immutable and stays; its title, its notes and the pre-release mark can be edited"
            ));
            return Ok(plan);
        }
        let (id, name) = (published.id, tag.name().to_owned());
        plan.steps.push(if delete {
            Step::DeleteRelease { id, tag: name }
        } else {
            Step::Withdraw { id, tag: name }
        });
        plan.notes.push(format!(
            "the tag {tag} stays: others may have fetched it, and a published tag never moves"
        ));
        Ok(plan)
    }

    /// Finds the release that becomes the latest again.
    fn earlier(&self, to: Option<&Tag>, tag: &Tag, remote: &Remote) -> Result<Option<(Tag, u64)>> {
        let Some(to) = to else {
            let earlier = remote.highest_stable(self.pattern(), Some(tag));
            return Ok(earlier.map(|(tag, release)| (tag, release.id)));
        };
        let found = remote.others.iter().find(|other| other.tag_name == to.name());
        let found = found.ok_or_else(|| {
            Failure::refused(format!("there is no published release {to} to go back to"))
        })?;
        Ok(Some((to.clone(), found.id)))
    }

    fn pattern(&self) -> Option<&str> {
        self.context.tag_pattern.as_deref()
    }
}

/// What is published stays as it is; only what is missing of our own release is added.
fn complete(
    release: &Local,
    remote: &Remote,
    published: &Release,
    wanted: &[Wanted],
) -> Result<Vec<Step>> {
    let comparison = compare(wanted, &remote.assets);
    if comparison.same() {
        return Ok(Vec::new());
    }
    let tag = &release.tag;
    let next = "the bytes of a published version are fixed: release the next version";
    let names = |files: Vec<&Wanted>| {
        files.iter().map(|file| format!("`{}`", file.name)).collect::<Vec<_>>().join(", ")
    };
    if !comparison.different.is_empty() {
        let files = comparison.different.iter().map(|(_, file)| *file).collect();
        return Err(Failure::refused(format!(
            "{tag} is published with other bytes of {}",
            names(files)
        ))
        .hint(next)
        .into());
    }
    let missing = names(comparison.missing.clone());
    if published.immutable || !remote.published_by_us(&release.frozen()?.sha256) {
        return Err(Failure::refused(format!("{tag} is published without {missing}"))
            .hint(next)
            .into());
    }
    Ok(vec![upload(comparison.missing)])
}

fn upload(files: Vec<&Wanted>) -> Step {
    Step::Upload {
        bytes: files.iter().map(|file| file.size).sum(),
        files: files.into_iter().map(|file| file.name.clone()).collect(),
    }
}

/// A tag that leads elsewhere can never be moved: nothing is to be built on it.
fn refuse_other_tag(release: &Local, remote: &Remote) -> Result<()> {
    let commit = &release.manifest()?.commit;
    match &remote.tag {
        Some(there) if &there.commit != commit => Err(Failure::refused(format!(
            "the tag {} is at commit {} on GitHub, the manifest was made from {commit}",
            release.tag, there.commit
        ))
        .hint("a published tag never moves: release the next version, or build from the tagged commit")
        .into()),
        _ => Ok(()),
    }
}
