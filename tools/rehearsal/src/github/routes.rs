//! From method and path to the function that answers; a path nobody knows is 404, as is one that may not be seen.
//! Decides nothing else.

use serde_json::json;

use super::{
    Call, Inside, Outcome, assets, commits, compare, contents, dispatch, errors, front_page,
    graphql, immutable, notes, pulls, refs, releases, repository, tags, upload,
};
use crate::message::{Answer, Role};

/// Answers a call to the API or the uploads host.
pub(super) fn answer(mut call: Call<'_>) -> Outcome {
    let request = call.request;
    let parts = request.parts();
    if request.role == Role::GithubUploads {
        return match (method(&call), &parts[..]) {
            (
                "POST",
                ["repos", _, _, "releases", id, "assets"]
                | ["repositories", _, "releases", id, "assets"],
            ) => upload::answer(&mut enter(call)?, number(id)?),
            _ => Err(errors::not_found()),
        };
    }
    match (method(&call), &parts[..]) {
        ("GET", []) => Ok(front_page::root(request)),
        ("GET", ["versions"]) => Ok(front_page::versions()),
        ("GET", ["meta"]) => {
            Ok(Answer::json(200, &json!({"verifiable_password_authentication": false})))
        }
        ("GET", ["user"]) => front_page::user(&call),
        ("POST", ["graphql"]) => graphql::answer(&mut call),
        (_, ["repos" | "repositories", ..]) => inside(&mut enter(call)?),
        _ => Err(errors::not_found()),
    }
}

fn method<'a>(call: &Call<'a>) -> &'a str {
    match call.request.method.as_str() {
        "HEAD" => "GET",
        other => other,
    }
}

/// Finds the repository of a call, by its name or its number; what may not be seen is 404.
fn enter(call: Call<'_>) -> Result<Inside<'_>, Answer> {
    let parts = call.request.parts();
    let (owner, name) = match parts[..] {
        ["repos", owner, name, ..] => (owner.to_owned(), name.to_owned()),
        ["repositories", id, ..] => {
            let id = number(id)?;
            let mut known = call.world.github.repositories.iter();
            let full = known.find(|(_, known)| known.id == id).map(|(name, _)| name.clone());
            let full = full.ok_or_else(errors::not_found)?;
            let (owner, name) = full.split_once('/').ok_or_else(errors::not_found)?;
            (owner.to_owned(), name.to_owned())
        }
        _ => return Err(errors::not_found()),
    };
    let git = call.world.github_git.open(&owner, &name).ok_or_else(errors::not_found)?;
    let full_name = format!("{owner}/{name}");
    let hidden = call.world.knobs.github.private.contains(&full_name);
    if hidden && call.access.is_anonymous() {
        return Err(errors::not_found());
    }
    Ok(Inside { call, owner, name, full_name, git })
}

fn inside(inside: &mut Inside<'_>) -> Outcome {
    let request = inside.call.request;
    let parts = request.parts();
    let skip = if parts.first() == Some(&"repos") { 3 } else { 2 };
    match (method(&inside.call), parts.get(skip..).unwrap_or_default()) {
        ("GET", []) => repository::answer(inside),

        ("GET", ["releases"]) => Ok(releases::list(inside)),
        ("POST", ["releases"]) => releases::create(inside),
        ("GET", ["releases", "latest"]) => releases::latest(inside),
        ("POST", ["releases", "generate-notes"]) => notes::answer(inside),
        ("GET", ["releases", "tags", tag @ ..]) => releases::by_tag(inside, &tag.join("/")),
        ("GET", ["releases", "assets", id]) => assets::get(inside, number(id)?),
        ("PATCH", ["releases", "assets", id]) => assets::change(inside, number(id)?),
        ("DELETE", ["releases", "assets", id]) => assets::delete(inside, number(id)?),
        ("GET", ["releases", id]) => releases::get(inside, number(id)?),
        ("PATCH", ["releases", id]) => releases::change(inside, number(id)?),
        ("DELETE", ["releases", id]) => releases::delete(inside, number(id)?),
        ("GET", ["releases", id, "assets"]) => assets::list(inside, number(id)?),
        ("GET", ["immutable-releases"]) => immutable::get(inside),
        ("PUT", ["immutable-releases"]) => immutable::set(inside, true),
        ("DELETE", ["immutable-releases"]) => immutable::set(inside, false),

        ("POST", ["git", "refs"]) => refs::create(inside),
        ("GET", ["git", "ref", name @ ..]) => refs::get(inside, &name.join("/")),
        ("GET", ["git", "matching-refs", name @ ..]) => refs::matching(inside, &name.join("/")),
        ("PATCH", ["git", "refs", name @ ..]) => refs::change(inside, &name.join("/")),
        ("DELETE", ["git", "refs", name @ ..]) => refs::delete(inside, &name.join("/")),
        ("POST", ["git", "tags"]) => tags::create(inside),
        ("GET", ["git", "tags", sha]) => tags::get(inside, sha),
        ("GET", ["tags"]) => tags::list(inside),

        ("GET", ["commits"]) => commits::list(inside),
        ("GET", ["commits", sha, "pulls"]) => pulls::of_commit(inside, sha),
        ("GET", ["commits", name @ ..]) => commits::get(inside, &name.join("/")),
        ("GET", ["compare", range @ ..]) => compare::answer(inside, &range.join("/")),
        ("GET", ["contents", path @ ..]) => contents::get(inside, &path.join("/")),
        ("PUT", ["contents", path @ ..]) => contents::put(inside, &path.join("/")),
        ("DELETE", ["contents", path @ ..]) => contents::delete(inside, &path.join("/")),

        ("GET", ["pulls"]) => pulls::list(inside),
        ("POST", ["pulls"]) => pulls::create(inside),
        ("GET", ["pulls", id]) => pulls::get(inside, number(id)?),

        ("POST", ["dispatches"]) => dispatch::repository(inside),
        ("POST", ["actions", "workflows", file, "dispatches"]) => dispatch::workflow(inside, file),
        ("GET", ["actions", "workflows", file, "runs"]) => dispatch::runs(inside, Some(file)),
        ("GET", ["actions", "runs"]) => dispatch::runs(inside, None),
        ("GET", ["actions", "runs", id]) => dispatch::run(inside, number(id)?),

        _ => Err(errors::not_found()),
    }
}

/// Reads an id; what is no number leads nowhere.
fn number(text: &str) -> Result<u64, Answer> {
    text.parse().map_err(|_| errors::not_found())
}
