//! Commits as the API shows them (CHANNELS 1.6).
//! Knows nothing of what they were released as.

use serde_json::{Value, json};

use super::{Inside, Outcome, errors, pages, render};
use crate::git::Commit;
use crate::message::Answer;

/// The document of a commit. Authors are not matched with accounts.
pub(super) fn document(inside: &Inside<'_>, commit: &Commit) -> Value {
    let (api, web, sha) = (inside.api(), inside.web(), &commit.sha);
    let person = |person: &crate::git::Person| json!({"name": person.name, "email": person.email, "date": person.date});
    let parents: Vec<Value> = commit
        .parents
        .iter()
        .map(|parent| {
            json!({
                "sha": parent, "url": format!("{api}/commits/{parent}"),
                "html_url": format!("{web}/commit/{parent}"),
            })
        })
        .collect();
    json!({
        "sha": sha, "node_id": render::node("C", sha.len() as u64),
        "url": format!("{api}/commits/{sha}"), "html_url": format!("{web}/commit/{sha}"),
        "comments_url": format!("{api}/commits/{sha}/comments"),
        "commit": {
            "author": person(&commit.author), "committer": person(&commit.committer),
            "message": commit.message, "comment_count": 0,
            "tree": {"sha": commit.tree, "url": format!("{api}/git/trees/{}", commit.tree)},
            "url": format!("{api}/git/commits/{sha}"),
            "verification": {
                "verified": false, "reason": "unsigned", "signature": null, "payload": null,
                "verified_at": null,
            },
        },
        "author": null, "committer": null, "parents": parents,
    })
}

/// `GET .../commits`.
pub(super) fn list(inside: &mut Inside<'_>) -> Outcome {
    let start = inside.request().parameter("sha").unwrap_or("HEAD").to_owned();
    let Some(head) = inside.git.resolve(&start)? else {
        if inside.git.is_empty()? {
            return Err(errors::plain(409, "Git Repository is empty."));
        }
        return Err(errors::not_found());
    };
    let commits = inside.git.commits(&head, 0, usize::MAX)?;
    let (id, largest) = (inside.id(), inside.settings().list_page_size);
    let (page, size) = pages::wanted(inside.request(), largest);
    let shown = commits.iter().skip((page - 1) * size).take(size);
    let documents: Vec<Value> = shown.map(|commit| document(inside, commit)).collect();
    let answer = Answer::json(200, &json!(documents));
    Ok(pages::with_links(answer, inside.request(), id, "commits", largest, commits.len()))
}

/// `GET .../commits/REF`: a branch, a tag or a hash; only the hash as text where that is accepted.
pub(super) fn get(inside: &Inside<'_>, name: &str) -> Outcome {
    let unknown = || errors::plain(422, &format!("No commit found for SHA: {name}"));
    let sha = inside.git.resolve(name)?.ok_or_else(unknown)?;
    let accept = inside.request().header("accept").unwrap_or_default();
    if accept.contains("application/vnd.github.sha") {
        return Ok(Answer::text(200, "application/vnd.github.sha; charset=utf-8", sha));
    }
    let commit = inside.git.commit(&sha)?.ok_or_else(unknown)?;
    Ok(Answer::json(200, &document(inside, &commit)))
}
