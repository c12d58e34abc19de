//! Assets that are there: listed, downloaded, renamed, deleted (CHANNELS 1.4).
//! New ones come in through `upload`; their content goes out through `storage`.

use serde_json::Value;

use super::fields::Fields;
use super::state::{Asset, Release};
use super::{Inside, Outcome, errors, names, pages, releases, render, storage};
use crate::message::Answer;

/// `GET .../releases/ID/assets`, 30 to a page by default.
pub(super) fn list(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let release = releases::visible(inside, id)?;
    let all: Vec<Value> =
        release.assets.iter().map(|asset| render::asset(inside, &release, asset)).collect();
    let (number, largest) = (inside.id(), inside.settings().list_page_size);
    let path = format!("releases/{id}/assets");
    Ok(pages::answer(inside.request(), number, &path, largest, &all))
}

/// `GET .../releases/assets/ID`: its document, or with another `Accept` the way to its content.
pub(super) fn get(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let (release, asset) = find(inside, id)?;
    let wants_content = inside
        .request()
        .header("accept")
        .is_some_and(|accept| accept.contains("application/octet-stream"));
    if !wants_content {
        return Ok(Answer::json(200, &render::asset(inside, &release, &asset)));
    }
    let location = storage::location(inside.request(), &asset, inside.call.now);
    Ok(Answer::redirect(302, &location.ok_or_else(errors::not_found)?))
}

/// `PATCH .../releases/assets/ID`: name, label.
pub(super) fn change(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let (release, mut asset) = find(inside, id)?;
    changeable(inside, &release)?;
    let fields = Fields::of(inside.request())?;
    if let Some(name) = fields.text("name")? {
        let name = names::stored(name);
        if release.assets.iter().any(|other| other.id != id && other.name == name) {
            let detail = errors::detail("ReleaseAsset", "name", "already_exists");
            return Err(errors::validation(&[detail]));
        }
        asset.name = name;
    }
    if let Some(label) = fields.text("label")? {
        asset.label = Some(label.to_owned());
    }
    asset.updated_at = inside.now();
    if let Some(release) = inside.remembered().release_mut(release.id)
        && let Some(kept) = release.assets.iter_mut().find(|kept| kept.id == id)
    {
        *kept = asset.clone();
    }
    Ok(Answer::json(200, &render::asset(inside, &release, &asset)))
}

/// `DELETE .../releases/assets/ID`.
pub(super) fn delete(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let (release, _) = find(inside, id)?;
    changeable(inside, &release)?;
    if let Some(release) = inside.remembered().release_mut(release.id) {
        release.assets.retain(|asset| asset.id != id);
    }
    Ok(Answer::empty(204))
}

fn find(inside: &mut Inside<'_>, id: u64) -> Result<(Release, Asset), Answer> {
    let found = inside.remembered().asset(id);
    let (release, asset) = found.ok_or_else(errors::not_found)?;
    let (release, asset) = (release.id, asset.clone());
    Ok((releases::visible(inside, release)?, asset))
}

fn changeable(inside: &Inside<'_>, release: &Release) -> Result<(), Answer> {
    inside.must_write("contents=write")?;
    if release.immutable {
        let message = "Cannot change or delete assets of an immutable release.";
        return Err(errors::plain(422, message));
    }
    Ok(())
}
