//! The state in a form that two runs can be compared by: no ids, no times, everything sorted.
//! For tests; no client sees it.

use serde_json::{Map, Value, json};

use super::latest;
use super::state::{Release, Repository};
use crate::git;
use crate::world::World;

/// Returns every repository with its releases, assets and references.
///
/// `{"acme/greet": {"releases": [{"tag": ..., "assets": [...]}], "refs": {"refs/tags/v1": "<sha>"}}}`
pub(crate) fn snapshot(world: &World) -> anyhow::Result<Value> {
    let mut all = Map::new();
    for (owner, name) in world.github_git.all() {
        let full_name = format!("{owner}/{name}");
        let Some(git) = world.github_git.open(&owner, &name) else { continue };
        let releases = world.github.repositories.get(&full_name).map(releases);
        let document = json!({"releases": releases.unwrap_or_default(), "refs": references(&git)?});
        all.insert(full_name, document);
    }
    Ok(Value::Object(all))
}

fn references(git: &git::Repository) -> anyhow::Result<Map<String, Value>> {
    let all = git.references("refs/")?;
    Ok(all.into_iter().map(|reference| (reference.name, json!(reference.object))).collect())
}

fn releases(repository: &Repository) -> Vec<Value> {
    let latest = latest::of(repository).map(|release| release.id);
    let mut all: Vec<Value> =
        repository.releases.iter().map(|one| release(one, latest == Some(one.id))).collect();
    all.sort_by_key(ToString::to_string);
    all
}

fn release(release: &Release, latest: bool) -> Value {
    // A draft that lost its tag has one made at random, which no two runs share.
    let lost = release.tag_name == release.untagged;
    let tag = if lost { "untagged" } else { &release.tag_name };
    let mut assets: Vec<Value> = release
        .assets
        .iter()
        .map(|asset| {
            json!({
                "name": asset.name, "label": asset.label, "state": asset.state, "size": asset.size,
                "digest": asset.sha256.as_ref().map(|digest| format!("sha256:{digest}")),
                "content_type": asset.content_type,
            })
        })
        .collect();
    assets.sort_by_key(ToString::to_string);
    json!({
        "tag": tag, "name": release.name, "body": release.body, "draft": release.draft,
        "prerelease": release.prerelease, "immutable": release.immutable, "latest": latest,
        "assets": assets,
    })
}
