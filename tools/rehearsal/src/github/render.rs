//! Releases, assets and accounts as JSON, with every field that GitHub's description requires.
//! Reads state only; decides nothing.

use serde_json::{Value, json};

use super::Inside;
use super::pages::escape_path;
use super::state::{Asset, Release};
use crate::message::Request;

/// A user as it appears inside other documents.
pub(super) fn account(request: &Request, login: &str) -> Value {
    let api = format!("{}/users/{login}", request.bases.api);
    let id = login.bytes().fold(7_u64, |id, byte| (id * 31 + u64::from(byte)) % 90_000_000);
    json!({
        "login": login, "id": id, "node_id": node("U", id),
        "avatar_url": format!("{}/avatars/{login}", request.bases.web),
        "gravatar_id": "", "url": api,
        "html_url": format!("{}/{login}", request.bases.web),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": if login.ends_with("[bot]") { "Bot" } else { "User" },
        "site_admin": false,
    })
}

/// A release with its assets.
pub(super) fn release(inside: &Inside<'_>, release: &Release) -> Value {
    let (api, web) = (inside.api(), inside.web());
    let request = inside.request();
    let (id, tag) = (release.id, escape_path(&release.tag_name));
    let uploads = &request.bases.uploads;
    let archives = |kind: &str| (!release.draft).then(|| format!("{api}/{kind}/{tag}"));
    let assets: Vec<Value> = release.assets.iter().map(|one| asset(inside, release, one)).collect();
    let mut document = json!({
        "url": format!("{api}/releases/{id}"),
        "assets_url": format!("{api}/releases/{id}/assets"),
        "upload_url":
            format!("{uploads}/repos/{}/releases/{id}/assets{{?name,label}}", inside.full_name),
        "html_url": format!("{web}/releases/tag/{}", escape_path(release.web_tag())),
        "id": id, "node_id": node("RE", id),
        "author": account(request, &release.author),
        "tag_name": release.tag_name, "target_commitish": release.target_commitish,
        "name": release.name, "body": release.body,
        "draft": release.draft, "prerelease": release.prerelease, "immutable": release.immutable,
        "created_at": release.created_at, "published_at": release.published_at,
        "updated_at": release.updated_at, "assets": assets,
        "tarball_url": archives("tarball"), "zipball_url": archives("zipball"),
    });
    if let Some(category) = &release.discussion {
        document["discussion_url"] = json!(format!("{web}/discussions/{category}-{id}"));
    }
    document
}

/// One asset of a release.
pub(super) fn asset(inside: &Inside<'_>, release: &Release, asset: &Asset) -> Value {
    let tag = escape_path(release.web_tag());
    let name = super::pages::escape(&asset.name);
    let digest = asset.sha256.as_ref().map(|digest| format!("sha256:{digest}"));
    json!({
        "url": format!("{}/releases/assets/{}", inside.api(), asset.id),
        "browser_download_url": format!("{}/releases/download/{tag}/{name}", inside.web()),
        "id": asset.id, "node_id": node("RA", asset.id),
        "name": asset.name, "label": asset.label.clone().unwrap_or_default(),
        "state": asset.state, "content_type": asset.content_type,
        "size": asset.size, "digest": digest, "download_count": 0,
        "created_at": asset.created_at, "updated_at": asset.updated_at,
        "uploader": account(inside.request(), &asset.uploader),
    })
}

/// Makes up the opaque id that GraphQL would use.
pub(super) fn node(kind: &str, id: u64) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.to_be_bytes());
    format!("{kind}_kw{text}")
}
