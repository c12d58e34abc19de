//! Tag objects, and the list of tags of a repository (CHANNELS 1.6).
//! A tag object alone is not a tag: only a reference makes it one.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::Fields;
use super::{Inside, Outcome, errors, pages, render, stamp};
use crate::git::TagObject;
use crate::message::Answer;

fn document(inside: &Inside<'_>, sha: &str, tag: &TagObject) -> Value {
    let api = inside.api();
    let date = Timestamp::from_second(tag.at).map(stamp).unwrap_or_default();
    let folder = if tag.kind == "tag" { "tags" } else { "commits" };
    json!({
        "node_id": render::node("TA", tag.object.len() as u64), "sha": sha,
        "url": format!("{api}/git/tags/{sha}"),
        "tag": tag.tag, "message": tag.message,
        "tagger": {"name": tag.tagger.0, "email": tag.tagger.1, "date": date},
        "object": {
            "sha": tag.object, "type": tag.kind,
            "url": format!("{api}/git/{folder}/{}", tag.object),
        },
        "verification": {
            "verified": false, "reason": "unsigned", "signature": null, "payload": null,
            "verified_at": null,
        },
    })
}

/// `POST .../git/tags`.
pub(super) fn create(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    let object = fields.required("object")?;
    let kind = fields.required("type")?;
    if inside.git.kind(object)?.as_deref() != Some(kind) {
        return Err(errors::plain(422, "Object does not exist"));
    }
    let login = inside.call.access.login();
    let mut tagger = (login.to_owned(), format!("{login}@users.noreply.example"));
    let mut at = inside.call.now.as_second();
    if let Some(given) = fields.object("tagger")? {
        let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing =
            || errors::plain(422, "Invalid request.\n\n\"name\", \"email\" weren't supplied.");
        tagger = (text("name").ok_or_else(missing)?, text("email").ok_or_else(missing)?);
        if let Some(date) = text("date") {
            let date: Timestamp = date.parse().map_err(|_| errors::plain(422, "Invalid date"))?;
            at = date.as_second();
        }
    }
    let tag = TagObject {
        tag: fields.required("tag")?.to_owned(),
        object: object.to_owned(),
        kind: kind.to_owned(),
        message: fields.required("message")?.to_owned(),
        tagger,
        at,
    };
    let sha = inside.git.write_tag(&tag)?;
    Ok(Answer::json(201, &document(inside, &sha, &tag)))
}

/// `GET .../git/tags/SHA`.
pub(super) fn get(inside: &Inside<'_>, sha: &str) -> Outcome {
    let tag = inside.git.tag_object(sha)?.ok_or_else(errors::not_found)?;
    Ok(Answer::json(200, &document(inside, sha, &tag)))
}

/// `GET .../tags`: newest name first, each with the commit it leads to.
pub(super) fn list(inside: &mut Inside<'_>) -> Outcome {
    let api = inside.api();
    let mut found = inside.git.references("refs/tags/")?;
    found.reverse();
    let all: Vec<Value> = found
        .iter()
        .map(|tag| {
            let name = tag.name.trim_start_matches("refs/tags/");
            json!({
                "name": name, "node_id": render::node("REF", name.len() as u64),
                "commit": {"sha": tag.commit, "url": format!("{api}/commits/{}", tag.commit)},
                "tarball_url": format!("{api}/tarball/refs/tags/{name}"),
                "zipball_url": format!("{api}/zipball/refs/tags/{name}"),
            })
        })
        .collect();
    let (id, largest) = (inside.id(), inside.settings().list_page_size);
    Ok(pages::answer(inside.request(), id, "tags", largest, &all))
}
