//! The release notes: a given file, or made by `changelog`; made once and kept in
//! `dist/derived/`, or found again in the draft when that was lost.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use common::channel::Release;
use common::sh::{self, cmd};
use common::{fs, manifest};

use crate::GitHub;
use crate::remote::{Remote, WITHDRAWN, marked, marker};

/// GitHub accepts no more characters in a body.
pub(crate) const LIMIT: usize = 125_000;

/// What our hidden line takes of it, with room to spare.
pub(crate) const MARGIN: usize = 200;

/// Making notes reads the history; a large one takes a moment.
const PATIENCE: Duration = Duration::from_secs(120);

/// Returns where the notes are kept.
pub(crate) fn path(github: &GitHub, release: &Release) -> PathBuf {
    release.derived(&github.context.channel, "notes.md")
}

/// Finds the notes: those that were made, those of the draft, else makes them (writing nothing).
pub(crate) fn find(github: &GitHub, release: &Release, remote: &Remote) -> Result<String> {
    if let Some(kept) = fs::read_text_if_there(&path(github, release))? {
        return Ok(kept);
    }
    let ours = remote.published.as_ref().or(remote.drafts.first());
    if let Some(body) =
        ours.filter(|ours| marked(ours).is_some()).and_then(|ours| ours.body.as_deref())
    {
        return Ok(without_markers(body));
    }
    let settings = &github.settings;
    if let Some(file) = &settings.notes_file {
        return fs::read_text(&github.context.root.join(file));
    }
    if release.frozen.is_none() || !settings.changelog.auto_generate.unwrap_or(true) {
        return Ok(String::new());
    }
    make(github, release)
}

fn make(github: &GitHub, release: &Release) -> Result<String> {
    let shell = sh::shell_in(&std::env::current_dir()?)?;
    let program = sh::sibling("changelog");
    let tag = release.tag.name();
    let manifest = release.dist.join(manifest::FILE);
    let commits = github.settings.changelog.include_commits.unwrap_or(true).to_string();
    let prs = github.settings.changelog.include_prs.unwrap_or(true).to_string();
    // Our hidden line comes behind them.
    let limit = (LIMIT - MARGIN).to_string();
    let (web, owner, repo) = (github.web(), &github.owner, &github.repo);
    let repository = format!("{web}/{owner}/{repo}");
    let template = format!("{repository}/releases/download/{{tag}}/{{name}}");
    let mut command = cmd!(
        shell,
        "{program} notes {tag} --manifest {manifest} --repository-url {repository} --url-template {template} --include-commits {commits} --include-prs {prs} --limit {limit}"
    );
    if let Some(config) = &github.context.config {
        command = command.arg("--config").arg(config);
    }
    sh::read(command, PATIENCE).context("failed to make the release notes")
}

/// Returns the body that is sent: the notes, and our hidden line behind them.
pub(crate) fn body(notes: &str, manifest_sha256: &str) -> String {
    format!("{}\n\n{}\n", notes.trim_end(), marker(manifest_sha256))
}

/// Returns a body without our hidden lines.
pub(crate) fn without_markers(body: &str) -> String {
    let ours = |line: &&str| !line.starts_with("<!-- landfall ");
    let lines: Vec<&str> = body.lines().filter(ours).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

/// Returns a body that says the release was taken back.
pub(crate) fn withdrawn(body: &str) -> String {
    format!("{}\n{WITHDRAWN}\n", body.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hidden_lines_come_and_go() {
        let digest = "a".repeat(64);
        let sent = body("# Notes\n\ntext\n", &digest);
        assert_eq!(sent, format!("# Notes\n\ntext\n\n<!-- landfall manifest={digest} -->\n"));
        assert_eq!(without_markers(&withdrawn(&sent)), "# Notes\n\ntext\n");
    }
}
