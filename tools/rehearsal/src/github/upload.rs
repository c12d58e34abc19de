//! Taking an asset on the uploads host (CHANNELS 1.4): headers, size, name, and no second one of a name.
//! The content was hashed while it arrived; here it only becomes an asset.

use super::state::Asset;
use super::{Inside, Outcome, errors, names, releases, render};
use crate::message::{Answer, Request};
use crate::world::World;

/// `POST .../releases/ID/assets?name=&label=`.
pub(super) fn answer(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let release = releases::visible(inside, id)?;
    inside.must_write("contents=write")?;
    let request = inside.call.request;
    if request.content_length.is_none() {
        return Err(errors::upload(400, "Bad Content-Length: ", &[]));
    }
    let Some(content_type) = request.header("content-type").filter(|kind| !kind.is_empty()) else {
        return Err(errors::upload(400, "Bad Content-Type: ", &[]));
    };
    let Some(name) = request.parameter("name").filter(|name| !name.is_empty()) else {
        return Err(invalid(&[errors::detail("ReleaseAsset", "name", "missing_field")]));
    };
    if release.immutable {
        let message = "Cannot upload assets to an immutable release.";
        return Err(errors::upload(422, message, &[]));
    }
    let size = request.body.size;
    if size == 0 {
        let message = "size must be greater than or equal to 1";
        return Err(invalid(&[errors::custom("ReleaseAsset", "size", message)]));
    }
    if size >= inside.settings().asset_size_limit {
        return Err(errors::upload(500, "Error saving asset", &[]));
    }
    let name = names::stored(name);
    if release.assets.iter().any(|asset| asset.name == name) {
        return Err(invalid(&[errors::detail("ReleaseAsset", "name", "already_exists")]));
    }
    if release.assets.len() >= inside.settings().asset_count_limit {
        let message = "release has too many assets";
        return Err(invalid(&[errors::custom("ReleaseAsset", "release", message)]));
    }
    let now = inside.now();
    let asset = Asset {
        id: inside.call.world.github.new_id(),
        name,
        label: request.parameter("label").map(str::to_owned),
        state: "uploaded".to_owned(),
        content_type: content_type.to_owned(),
        size,
        sha256: Some(request.body.sha256.clone()),
        created_at: now.clone(),
        updated_at: now,
        uploader: inside.call.access.login().to_owned(),
    };
    if let Some(release) = inside.remembered().release_mut(id) {
        release.assets.push(asset.clone());
    }
    let mut answer = Answer::json(201, &render::asset(inside, &release, &asset));
    answer.keep_body = true;
    Ok(answer)
}

fn invalid(errors: &[serde_json::Value]) -> Answer {
    errors::upload(422, "Validation Failed", errors)
}

/// Turns the asset that `request` has just made into the stub of a broken upload.
pub(super) fn leave_stub(world: &mut World, request: &Request) -> bool {
    let releases = world.github.repositories.values_mut().flat_map(|one| &mut one.releases);
    let newest = releases
        .flat_map(|release| &mut release.assets)
        .filter(|asset| asset.sha256.as_deref() == Some(request.body.sha256.as_str()))
        .max_by_key(|asset| asset.id);
    let Some(asset) = newest else { return false };
    "starter".clone_into(&mut asset.state);
    asset.size = 0;
    asset.sha256 = None;
    true
}
