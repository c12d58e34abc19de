//! Files of a branch through the API (CHANNELS 1.6): read, written, removed; each change is a commit of its own.
//! 409 says that the file moved on, 422 that the request is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::fields::Fields;
use super::pages::escape_path;
use super::{Inside, Outcome, commits, errors};
use crate::git::{Entry, NewCommit};
use crate::message::Answer;

/// Above this size the content is left out of the document, in bytes.
const INLINE: u64 = 1 << 20;

fn document(inside: &Inside<'_>, entry: &Entry, branch: &str) -> Value {
    let (api, web) = (inside.api(), inside.web());
    let path = escape_path(&entry.path);
    let url = format!("{api}/contents/{path}?ref={}", escape_path(branch));
    let git = format!("{api}/git/{}s/{}", entry.kind, entry.sha);
    let html = format!("{web}/blob/{}/{path}", escape_path(branch));
    let kind = match entry.kind.as_str() {
        "tree" => "dir",
        "commit" => "submodule",
        _ => "file",
    };
    let download = (kind == "file").then(|| format!("{web}/raw/{}/{path}", escape_path(branch)));
    json!({
        "name": entry.path.rsplit('/').next(), "path": entry.path, "sha": entry.sha,
        "size": entry.size.unwrap_or(0), "type": kind, "url": url, "html_url": html,
        "git_url": git, "download_url": download,
        "_links": {"self": url, "git": git, "html": html},
    })
}

/// `GET .../contents/PATH?ref=`: a file with its content, or the entries of a folder.
pub(super) fn get(inside: &Inside<'_>, path: &str) -> Outcome {
    let default = inside.git.default_branch()?;
    let name = inside.request().parameter("ref").unwrap_or(&default);
    let missing = || errors::plain(404, &format!("No commit found for the ref {name}"));
    let commit = inside.git.resolve(name)?.ok_or_else(missing)?;
    let entries = inside.git.entries(&commit, path)?;
    let accept = inside.request().header("accept").unwrap_or_default();
    let [entry] = &entries[..] else {
        if entries.is_empty() {
            return Err(errors::not_found());
        }
        return Ok(folder(inside, &entries, name));
    };
    if entry.path != path || entry.kind != "blob" {
        return Ok(folder(inside, &entries, name));
    }
    let bytes = inside.git.blob(&entry.sha)?;
    if accept.contains("raw") {
        return Ok(Answer::text(200, "application/vnd.github.raw+json; charset=utf-8", bytes));
    }
    let mut document = document(inside, entry, name);
    let small = entry.size.is_some_and(|size| size <= INLINE);
    document["encoding"] = json!(if small { "base64" } else { "none" });
    document["content"] = json!(if small { wrapped(&bytes) } else { String::new() });
    Ok(Answer::json(200, &document))
}

fn folder(inside: &Inside<'_>, entries: &[Entry], branch: &str) -> Answer {
    let all: Vec<Value> = entries.iter().map(|entry| document(inside, entry, branch)).collect();
    Answer::json(200, &json!(all))
}

/// Encodes with a line feed after every 60 characters, as the API does.
fn wrapped(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut lines = String::new();
    for (position, c) in text.chars().enumerate() {
        if position > 0 && position % 60 == 0 {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines.push('\n');
    lines
}

/// `PUT .../contents/PATH`.
pub(super) fn put(inside: &Inside<'_>, path: &str) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    let text = fields.required("content")?;
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let content =
        STANDARD.decode(plain).map_err(|_| errors::plain(422, "content is not valid Base64"))?;
    let (existed, document) = commit(inside, path, &fields, Some(&content))?;
    Ok(Answer::json(if existed { 200 } else { 201 }, &document))
}

/// `DELETE .../contents/PATH`.
pub(super) fn delete(inside: &Inside<'_>, path: &str) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    fields.required("sha")?;
    let (_, document) = commit(inside, path, &fields, None)?;
    Ok(Answer::json(200, &document))
}

/// Makes the commit; returns whether the file was there, and the document of the change.
fn commit(
    inside: &Inside<'_>,
    path: &str,
    fields: &Fields,
    content: Option<&[u8]>,
) -> Result<(bool, Value), Answer> {
    let message = fields.required("message")?;
    let malformed = |part: &str| {
        part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git")
    };
    if path.split('/').any(malformed) || path.contains(['\0', '\n']) {
        return Err(errors::plain(422, "path contains a malformed path component"));
    }
    let default = inside.git.default_branch()?;
    let branch = fields.text("branch")?.unwrap_or(&default);
    let reference = format!("refs/heads/{branch}");
    let parent = inside.git.reference(&reference)?.map(|found| found.commit);
    if parent.is_none() && !inside.git.is_empty()? {
        return Err(errors::plain(404, &format!("Branch {branch} not found")));
    }
    let before = match &parent {
        Some(parent) => inside.git.entries(parent, path)?.into_iter().next(),
        None => None,
    };
    match (fields.text("sha")?, &before) {
        (None, Some(_)) => {
            return Err(errors::plain(422, "Invalid request.\n\n\"sha\" wasn't supplied."));
        }
        (Some(sha), _) if before.as_ref().is_none_or(|entry| entry.sha != sha) => {
            return Err(errors::plain(409, &format!("{path} does not match {sha}")));
        }
        _ => {}
    }
    let author = match fields.object("author")?.or(fields.object("committer")?) {
        Some(given) => {
            let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
            (text("name").to_owned(), text("email").to_owned())
        }
        None => {
            let login = inside.call.access.login();
            (login.to_owned(), format!("{login}@users.noreply.example"))
        }
    };
    let at = inside.call.now.as_second();
    let parent = parent.as_deref();
    let (sha, _) =
        inside.git.write_commit(&NewCommit { parent, path, content, message, author, at })?;
    inside.git.point(&reference, &sha)?;
    let made = inside.git.commit(&sha)?.ok_or_else(errors::not_found)?;
    let mut shown = commits::document(inside, &made);
    // This endpoint shows the git commit without the wrapping of the commits endpoint.
    let inner = shown["commit"].take();
    if let (Some(outer), Value::Object(inner)) = (shown.as_object_mut(), inner) {
        outer.remove("commit");
        outer.extend(inner);
    }
    let entry = inside.git.entries(&sha, path)?.into_iter().next();
    let file = entry.map(|entry| document(inside, &entry, branch));
    Ok((before.is_some(), json!({"content": file, "commit": shown})))
}
