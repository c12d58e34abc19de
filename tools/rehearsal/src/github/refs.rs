//! Git references through the API (CHANNELS 1.6); they live in the bare repository.
//! Knows releases only where an immutable one holds a tag in place.

use serde_json::{Value, json};

use super::fields::Fields;
use super::{Inside, Outcome, errors, render};
use crate::git::Reference;
use crate::message::Answer;

/// The document of a reference.
fn document(inside: &Inside<'_>, reference: &Reference) -> Value {
    let api = inside.api();
    let (name, object, kind) = (&reference.name, &reference.object, &reference.kind);
    let folder = if kind == "tag" { "tags" } else { "commits" };
    json!({
        "ref": name, "node_id": render::node("REF", name.len() as u64),
        "url": format!("{api}/git/{name}"),
        "object": {"sha": object, "type": kind, "url": format!("{api}/git/{folder}/{object}")},
    })
}

/// `GET .../git/ref/tags/TAG`: exactly this one.
pub(super) fn get(inside: &Inside<'_>, name: &str) -> Outcome {
    let found = inside.git.reference(&format!("refs/{name}"))?;
    Ok(Answer::json(200, &document(inside, &found.ok_or_else(errors::not_found)?)))
}

/// `GET .../git/matching-refs/tags/PREFIX`: possibly none.
pub(super) fn matching(inside: &Inside<'_>, prefix: &str) -> Outcome {
    let found = inside.git.references(&format!("refs/{prefix}"))?;
    let all: Vec<Value> = found.iter().map(|reference| document(inside, reference)).collect();
    Ok(Answer::json(200, &json!(all)))
}

/// `POST .../git/refs`.
pub(super) fn create(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    let (name, sha) = (fields.required("ref")?, fields.required("sha")?);
    if inside.git.is_empty()? {
        return Err(errors::plain(409, "Git Repository is empty."));
    }
    let long_enough = name.starts_with("refs/") && name.matches('/').count() >= 2;
    if !long_enough || !inside.git.is_well_formed(name)? {
        return Err(errors::plain(422, "Reference name is not well-formed"));
    }
    if inside.git.kind(sha)?.is_none() {
        return Err(errors::plain(422, "Object does not exist"));
    }
    if inside.git.reference(name)?.is_some() {
        return Err(errors::plain(422, "Reference already exists"));
    }
    if let Some(tag) = name.strip_prefix("refs/tags/")
        && inside.remembered().burned.contains(tag)
    {
        let message = "Repository rule violations found\n\nCannot create ref due to creations being \
                       restricted.";
        return Err(errors::plain(422, message));
    }
    inside.git.point(name, sha)?;
    let made = inside.git.reference(name)?.ok_or_else(errors::not_found)?;
    let document = document(inside, &made);
    let location = document["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, &document).header("Location", location))
}

/// `PATCH .../git/refs/NAME`.
pub(super) fn change(inside: &mut Inside<'_>, name: &str) -> Outcome {
    let name = existing(inside, name, "Cannot update this protected ref.")?;
    let fields = Fields::of(inside.request())?;
    let sha = fields.required("sha")?;
    let force = fields.flag("force")?.unwrap_or(false);
    if inside.git.kind(sha)?.is_none() {
        return Err(errors::plain(422, "Object does not exist"));
    }
    if !force && !inside.git.is_ancestor(&name, sha)? {
        return Err(errors::plain(422, "Update is not a fast forward"));
    }
    inside.git.point(&name, sha)?;
    let changed = inside.git.reference(&name)?.ok_or_else(errors::not_found)?;
    Ok(Answer::json(200, &document(inside, &changed)))
}

/// `DELETE .../git/refs/NAME`.
pub(super) fn delete(inside: &mut Inside<'_>, name: &str) -> Outcome {
    let name = existing(inside, name, "Cannot delete this protected ref.")?;
    inside.git.remove(&name)?;
    Ok(Answer::empty(204))
}

/// Checks that a reference is there and may be changed: the tag of an immutable release may not.
fn existing(inside: &mut Inside<'_>, name: &str, refusal: &str) -> Result<String, Answer> {
    inside.must_write("contents=write")?;
    let name = format!("refs/{name}");
    if inside.git.reference(&name)?.is_none() {
        return Err(errors::plain(422, "Reference does not exist"));
    }
    if let Some(tag) = name.strip_prefix("refs/tags/")
        && inside.remembered().published(tag).is_some_and(|release| release.immutable)
    {
        let message = format!("Repository rule violations found\n\n{refusal}");
        return Err(errors::plain(422, &message));
    }
    Ok(name)
}
