//! Comparing two commits (CHANNELS 1.6): how far apart, the commits between, the files that differ.
//! Unpaged it shows at most 250 commits; files come with the first page only.

use serde_json::{Value, json};

use super::pages::escape_path;
use super::{Inside, Outcome, commits, errors, pages};
use crate::message::Answer;

const UNPAGED: usize = 250;
const FILES: usize = 300;

/// `GET .../compare/BASE...HEAD`.
pub(super) fn answer(inside: &mut Inside<'_>, range: &str) -> Outcome {
    let (base, head) = range.split_once("...").ok_or_else(errors::not_found)?;
    let (base_sha, head_sha) = (resolve(inside, base)?, resolve(inside, head)?);
    let git = &inside.git;
    let ahead = git.range(&base_sha, &head_sha)?;
    let behind = git.range(&head_sha, &base_sha)?;
    let status = match (ahead.is_empty(), behind.is_empty()) {
        (true, true) => "identical",
        (false, true) => "ahead",
        (true, false) => "behind",
        (false, false) => "diverged",
    };
    let merge_base = git.merge_base(&base_sha, &head_sha)?.ok_or_else(errors::not_found)?;
    let show = |sha: &str| -> Result<Value, Answer> {
        let commit = git.commit(sha)?.ok_or_else(errors::not_found)?;
        Ok(commits::document(inside, &commit))
    };
    let (base_document, merge_document) = (show(&base_sha)?, show(&merge_base)?);
    let files = files(inside, &merge_base, &head_sha)?;

    let request = inside.call.request;
    let paged = request.parameter("page").is_some() || request.parameter("per_page").is_some();
    let largest = inside.settings().list_page_size;
    let (page, size) = if paged { pages::wanted(request, largest) } else { (1, UNPAGED) };
    let shown: Vec<Value> = ahead
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(|commit| commits::document(inside, commit))
        .collect();
    let web = format!("{}/compare/{}", inside.web(), escape_path(range));
    let document = json!({
        "url": format!("{}/compare/{}", inside.api(), escape_path(range)),
        "html_url": web, "permalink_url": web,
        "diff_url": format!("{web}.diff"), "patch_url": format!("{web}.patch"),
        "base_commit": base_document, "merge_base_commit": merge_document,
        "status": status, "ahead_by": ahead.len(), "behind_by": behind.len(),
        "total_commits": ahead.len(), "commits": shown,
        "files": if page == 1 { files } else { Vec::new() },
    });
    let answer = Answer::json(200, &document);
    if !paged {
        return Ok(answer);
    }
    let path = format!("compare/{}", escape_path(range));
    let id = inside.id();
    Ok(pages::with_links(answer, request, id, &path, largest, ahead.len()))
}

/// Finds a revision; `USER:BRANCH` is taken where the user owns this repository.
fn resolve(inside: &Inside<'_>, name: &str) -> Result<String, Answer> {
    let own = format!("{}:", inside.owner);
    let name = name.strip_prefix(&own).unwrap_or(name);
    inside.git.resolve(name)?.ok_or_else(errors::not_found)
}

fn files(inside: &Inside<'_>, base: &str, head: &str) -> Result<Vec<Value>, Answer> {
    let (api, web) = (inside.api(), inside.web());
    let changed = inside.git.changed(base, head, None)?;
    let document = |(letter, path): &(char, String)| {
        let status = match letter {
            'A' => "added",
            'D' => "removed",
            _ => "modified",
        };
        let escaped = escape_path(path);
        json!({
            "sha": null, "filename": path, "status": status,
            "additions": 0, "deletions": 0, "changes": 0,
            "blob_url": format!("{web}/blob/{head}/{escaped}"),
            "raw_url": format!("{web}/raw/{head}/{escaped}"),
            "contents_url": format!("{api}/contents/{escaped}?ref={head}"),
        })
    };
    Ok(changed.iter().take(FILES).map(document).collect())
}
