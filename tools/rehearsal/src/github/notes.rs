//! Generated release notes: the pull requests merged since the release before.
//! Stores nothing.

use serde_json::json;

use super::fields::Fields;
use super::{Inside, Outcome, latest, place, pulls};
use crate::message::Answer;

/// `POST .../releases/generate-notes`.
pub(super) fn answer(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    let tag = fields.required("tag_name")?;
    let target = match fields.text("target_commitish")? {
        Some(target) => target.to_owned(),
        None => inside.git.default_branch()?,
    };
    let place = place::find(inside, tag, &target)?;
    let previous = fields.text("previous_tag_name")?;
    let (name, body) = make(inside, tag, &place.commit, previous)?;
    Ok(Answer::json(200, &json!({"name": name, "body": body})))
}

/// Returns title and text for a release of `tag` at `commit`.
pub(super) fn make(
    inside: &mut Inside<'_>,
    tag: &str,
    commit: &str,
    previous: Option<&str>,
) -> Result<(String, String), Answer> {
    let web = inside.web();
    let latest = latest::of(inside.remembered()).map(|release| release.tag_name.clone());
    let previous = previous.map(str::to_owned).or(latest).filter(|other| other != tag);
    let base = match &previous {
        Some(other) => inside.git.resolve(&format!("refs/tags/{other}"))?,
        None => None,
    };
    let commits = match &base {
        Some(base) => inside.git.range(base, commit)?,
        None => inside.git.commits(commit, 0, usize::MAX)?,
    };
    let mut lines = Vec::new();
    for pull in pulls::all(inside)? {
        let merged = pull.merge_commit.as_ref();
        if merged.is_some_and(|merged| commits.iter().any(|commit| &commit.sha == merged)) {
            let (title, user, number) = (&pull.title, &pull.user, pull.number);
            lines.push(format!("* {title} by @{user} in {web}/pull/{number}\n"));
        }
    }
    let changes = if lines.is_empty() {
        String::new()
    } else {
        format!("## What's Changed\n{}\n\n", lines.concat())
    };
    let full = match previous {
        Some(previous) => format!("{web}/compare/{previous}...{tag}"),
        None => format!("{web}/commits/{tag}"),
    };
    Ok((tag.to_owned(), format!("{changes}**Full Changelog**: {full}")))
}
