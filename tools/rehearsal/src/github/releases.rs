//! Releases: listed, found, made, changed, published, deleted (CHANNELS 1.3).
//! Leaves tags and commits to `place`, and what "latest" means to `latest`.

use serde_json::Value;

use super::fields::Fields;
use super::release_fields::{MakeLatest, Wanted};
use super::state::Release;
use super::{Inside, Outcome, errors, latest, notes, pages, place, render};
use crate::message::Answer;

const PERMISSION: &str = "contents=write";

/// `GET .../releases`: drafts only for writers, and a fresh one only after a while.
pub(super) fn list(inside: &mut Inside<'_>) -> Answer {
    let writer = inside.call.access.can_write();
    let repository = inside.remembered();
    let id = repository.id;
    let mut shown: Vec<Release> = Vec::new();
    let mut changed = false;
    for release in &mut repository.releases {
        if release.draft && (!writer || release.hidden > 0) {
            if writer {
                release.hidden -= 1;
                changed = true;
            }
            continue;
        }
        shown.push(release.clone());
    }
    shown.sort_by(|one, two| (&two.created_at, two.id).cmp(&(&one.created_at, one.id)));
    let documents: Vec<Value> = shown.iter().map(|one| render::release(inside, one)).collect();
    let largest = inside.settings().list_page_size;
    let mut answer = pages::answer(inside.request(), id, "releases", largest, &documents);
    answer.changed = changed;
    answer
}

/// `GET .../releases/latest`.
pub(super) fn latest(inside: &mut Inside<'_>) -> Outcome {
    let found = latest::of(inside.remembered()).cloned();
    show(inside, found)
}

/// `GET .../releases/tags/TAG`: a draft is never found by its tag.
pub(super) fn by_tag(inside: &mut Inside<'_>, tag: &str) -> Outcome {
    let found = inside.remembered().published(tag).cloned();
    show(inside, found)
}

/// `GET .../releases/ID`.
pub(super) fn get(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let found = Some(visible(inside, id)?);
    show(inside, found)
}

fn show(inside: &Inside<'_>, found: Option<Release>) -> Outcome {
    let release = found.ok_or_else(errors::not_found)?;
    Ok(Answer::json(200, &render::release(inside, &release)))
}

/// Finds a release that the asker may see: drafts are for writers.
pub(super) fn visible(inside: &mut Inside<'_>, id: u64) -> Result<Release, Answer> {
    let writer = inside.call.access.can_write();
    let found = inside.remembered().release(id);
    found.filter(|release| writer || !release.draft).cloned().ok_or_else(errors::not_found)
}

/// `POST .../releases`: two drafts of one tag are two drafts.
pub(super) fn create(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write(PERMISSION)?;
    let fields = Fields::of(inside.request())?;
    fields.required("tag_name")?;
    let mut wanted = Wanted::of(&fields)?;
    let tag = wanted.tag_name.clone().unwrap_or_default();
    known_category(inside, &wanted)?;
    let target = match &wanted.target_commitish {
        Some(target) => target.clone(),
        None => inside.git.default_branch()?,
    };
    let place = place::find(inside, &tag, &target)?;
    place::may_release(inside, &place)?;
    let draft = wanted.draft.unwrap_or(false);
    let prerelease = wanted.prerelease.unwrap_or(false);
    if !draft {
        refuse_latest_prerelease(&wanted, prerelease)?;
        place::is_free(inside, &tag, None)?;
        place::ensure_tag(inside, &tag, &place)?;
    }
    if wanted.generate_notes {
        let (name, body) = notes::make(inside, &tag, &place.commit, None)?;
        wanted.body = Some(match wanted.body.take() {
            Some(own) => format!("{own}\n{body}"),
            None => body,
        });
        wanted.name = wanted.name.or(Some(name));
    }
    let now = inside.now();
    let release = Release {
        id: inside.call.world.github.new_id(),
        tag_name: tag.clone(),
        target_commitish: target,
        name: wanted.name,
        body: wanted.body,
        draft,
        prerelease,
        immutable: !draft && is_immutable(inside),
        created_at: place.date,
        published_at: (!draft).then(|| now.clone()),
        updated_at: now,
        untagged: format!("untagged-{:020x}", u128::from(fastrand::u64(..))),
        author: inside.call.access.login().to_owned(),
        discussion: wanted.category.filter(|_| !draft),
        hidden: if draft { inside.settings().draft_list_lag } else { 0 },
        assets: Vec::new(),
    };
    let id = release.id;
    let repository = inside.remembered();
    if release.immutable {
        repository.burned.insert(tag);
    }
    repository.releases.push(release.clone());
    if !draft {
        latest::note(repository, id, wanted.make_latest.unwrap_or(MakeLatest::True));
    }
    let location = format!("{}/releases/{id}", inside.api());
    let mut answer = Answer::json(201, &render::release(inside, &release));
    answer.remarks = wanted.remarks;
    Ok(answer.header("Location", location))
}

/// `PATCH .../releases/ID`: changes, publishes, or hides again.
pub(super) fn change(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let before = visible(inside, id)?;
    inside.must_write(PERMISSION)?;
    let fields = Fields::of(inside.request())?;
    let wanted = Wanted::of(&fields)?;
    known_category(inside, &wanted)?;
    let mut release = before.clone();
    release.draft = wanted.draft.unwrap_or(before.draft);
    release.prerelease = wanted.prerelease.unwrap_or(before.prerelease);
    let publishes = before.draft && !release.draft;
    release.tag_name = match wanted.tag_name.clone() {
        Some(tag) => tag,
        // A draft that stays one loses its tag when the tag is not sent again.
        None if before.draft && release.draft => before.untagged.clone(),
        None => before.tag_name.clone(),
    };
    if let Some(target) = wanted.target_commitish.clone() {
        release.target_commitish = target;
    }
    if before.immutable && (release.draft || release.tag_name != before.tag_name) {
        let message = "Cannot change the tag or the draft state of an immutable release.";
        return Err(errors::validation(&[errors::custom("Release", "tag_name", message)]));
    }
    place_again(inside, &before, &mut release)?;
    if !release.draft {
        refuse_latest_prerelease(&wanted, release.prerelease)?;
    }
    if publishes {
        release.published_at = Some(inside.now());
        release.immutable = is_immutable(inside);
        release.hidden = 0;
        if wanted.category.is_some() {
            release.discussion = wanted.category;
        }
    } else if release.draft {
        release.published_at = None;
    }
    release.name = wanted.name.or(release.name);
    release.body = wanted.body.or(release.body);
    release.updated_at = inside.now();
    let repository = inside.remembered();
    if release.immutable {
        repository.burned.insert(release.tag_name.clone());
    }
    if let Some(kept) = repository.release_mut(id) {
        *kept = release.clone();
    }
    let default = if publishes { Some(MakeLatest::True) } else { None };
    if let Some(word) = wanted.make_latest.or(default).filter(|_| !release.draft) {
        latest::note(repository, id, word);
    }
    let mut answer = Answer::json(200, &render::release(inside, &release));
    answer.remarks = wanted.remarks;
    Ok(answer)
}

/// Looks up the commit again where tag, target or visibility changed; makes the tag of what is published.
fn place_again(
    inside: &mut Inside<'_>,
    before: &Release,
    after: &mut Release,
) -> Result<(), Answer> {
    let publishes = before.draft && !after.draft;
    let moved =
        after.tag_name != before.tag_name || after.target_commitish != before.target_commitish;
    if !publishes && !moved {
        return Ok(());
    }
    if after.tag_name == after.untagged {
        if after.draft {
            return Ok(());
        }
        let message = "Published releases must have a valid tag";
        return Err(errors::validation(&[errors::custom("Release", "tag_name", message)]));
    }
    let place = place::find(inside, &after.tag_name, &after.target_commitish)?;
    place::may_release(inside, &place)?;
    if !after.draft {
        place::is_free(inside, &after.tag_name, Some(after.id))?;
        place::ensure_tag(inside, &after.tag_name, &place)?;
    }
    after.created_at = place.date;
    Ok(())
}

/// `DELETE .../releases/ID`: the tag stays.
pub(super) fn delete(inside: &mut Inside<'_>, id: u64) -> Outcome {
    visible(inside, id)?;
    inside.must_write(PERMISSION)?;
    inside.remembered().releases.retain(|release| release.id != id);
    Ok(Answer::empty(204))
}

fn is_immutable(inside: &mut Inside<'_>) -> bool {
    inside.settings().immutable.contains(&inside.full_name) || inside.remembered().immutable
}

fn known_category(inside: &Inside<'_>, wanted: &Wanted) -> Result<(), Answer> {
    let known = &inside.settings().discussion_categories;
    match &wanted.category {
        Some(category) if !known.contains(category) => Err(errors::not_found()),
        _ => Ok(()),
    }
}

fn refuse_latest_prerelease(wanted: &Wanted, prerelease: bool) -> Result<(), Answer> {
    if prerelease && wanted.make_latest == Some(MakeLatest::True) {
        let message = "Latest release cannot be draft or prerelease";
        return Err(errors::validation(&[errors::custom("Release", "make_latest", message)]));
    }
    Ok(())
}
