//! The tag of a release and the commit it stands for: looked up, checked, and made where publishing needs it.
//! Knows nothing of the fields of a release beyond tag and target.

use super::{Inside, errors};
use crate::canary::Grant;
use crate::message::Answer;

/// Where a release would stand.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) commit: String,
    /// The date of the commit.
    pub(super) date: String,
    /// Whether the tag is there already.
    pub(super) tagged: bool,
}

/// Finds the commit of a tag, or of the target where there is no such tag yet.
pub(super) fn find(inside: &Inside<'_>, tag: &str, target: &str) -> Result<Place, Answer> {
    let git = &inside.git;
    let name = format!("refs/tags/{tag}");
    if !git.is_well_formed(&name)? {
        let detail = errors::custom("Release", "tag_name", "tag_name is not well-formed");
        return Err(errors::validation(&[detail]));
    }
    if git.is_empty()? {
        return Err(errors::validation(&[errors::custom("Release", "", "Repository is empty.")]));
    }
    let (commit, tagged) = match git.reference(&name)? {
        Some(reference) => (Some(reference.commit), true),
        None => (target_commit(inside, target)?, false),
    };
    let invalid =
        || errors::validation(&[errors::detail("Release", "target_commitish", "invalid")]);
    let commit = commit.ok_or_else(invalid)?;
    let date = git.commit(&commit)?.ok_or_else(invalid)?.committer.date;
    Ok(Place { commit, date, tagged })
}

/// A target is a branch or a full hash; tags and short hashes do not count.
fn target_commit(inside: &Inside<'_>, target: &str) -> Result<Option<String>, Answer> {
    if let Some(branch) = inside.git.reference(&format!("refs/heads/{target}"))? {
        return Ok(Some(branch.commit));
    }
    let is_commit = inside.git.kind(target)?.as_deref() == Some("commit");
    Ok(is_commit.then(|| target.to_owned()))
}

/// Refuses with 404 who may not touch workflows, where the commit's differ from the default branch's.
pub(super) fn may_release(inside: &Inside<'_>, place: &Place) -> Result<(), Answer> {
    let lacking = inside.settings().workflow_scope_missing
        || inside.call.access.grant == Some(Grant::Actions);
    if !lacking {
        return Ok(());
    }
    let Some(head) = inside.git.resolve("HEAD")? else { return Ok(()) };
    let changed = inside.git.changed(&head, &place.commit, Some(".github/workflows"))?;
    if changed.is_empty() { Ok(()) } else { Err(errors::not_found()) }
}

/// Refuses a tag that another published release has, or that an immutable one ever had.
pub(super) fn is_free(inside: &mut Inside<'_>, tag: &str, own: Option<u64>) -> Result<(), Answer> {
    let repository = inside.remembered();
    if repository.published(tag).is_some_and(|release| Some(release.id) != own) {
        let detail = errors::detail("Release", "tag_name", "already_exists");
        return Err(errors::validation(&[detail]));
    }
    let holds = own.and_then(|id| repository.release(id)).is_some_and(|own| own.immutable);
    if repository.burned.contains(tag) && !holds {
        let rule = "pre_receive Repository rule violations found\n\nCannot create ref due to creations \
                    being restricted.";
        return Err(errors::validation(&[
            errors::custom("Release", "pre_receive", rule),
            errors::custom("Release", "tag_name", "tag_name was used by an immutable release"),
            errors::custom("Release", "tag_name", "Published releases must have a valid tag"),
        ]));
    }
    Ok(())
}

/// Makes the tag where it is missing; what GitHub makes is a lightweight one.
pub(super) fn ensure_tag(inside: &Inside<'_>, tag: &str, place: &Place) -> Result<(), Answer> {
    if !place.tagged {
        inside.git.point(&format!("refs/tags/{tag}"), &place.commit)?;
    }
    Ok(())
}
