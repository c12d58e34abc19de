//! What git knows: the commits since the last release, and files as they were.
//! The only file that runs git; knows nothing of what commits mean or how they are shown.

use std::time::Duration;

use anyhow::{Context, Result};
use common::error::Failure;
use common::git::Repository;
use common::sh::{self, Shell, cmd};
use common::tag::Tag;

/// Long for a local question, but a history of a million commits on a slow disk is one.
const DEADLINE: Duration = Duration::from_secs(300);

/// A repository with at least one commit.
#[derive(Debug)]
pub(crate) struct History {
    repository: Repository,
    pattern: Option<String>,
}

/// The commits of one release.
#[derive(Debug)]
pub(crate) struct Range {
    /// The last commit, a full object name.
    pub(crate) last: String,
    /// The tag of the release before, which is not among them.
    pub(crate) previous: Option<Tag>,
}

/// One commit as git keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    /// The full object name.
    pub(crate) hash: String,
    /// Whether it has more than one parent.
    pub(crate) merge: bool,
    /// The whole message.
    pub(crate) message: String,
}

impl History {
    /// Opens the repository around the current folder; `None` where there is none or it has no commit.
    pub(crate) fn open(pattern: Option<&str>) -> Result<Option<Self>> {
        let folder = std::env::current_dir().context("failed to find the current folder")?;
        let Some(repository) = Repository::find(&folder) else { return Ok(None) };
        Ok(Some(Self { repository, pattern: pattern.map(str::to_owned) }))
    }

    /// Returns the commits of a release: up to its tag, else to the commit it was built from, else to HEAD;
    /// `None` where there is no commit at all.
    ///
    /// # Errors
    /// Refused where a shallow clone hides how far the release reaches back.
    pub(crate) fn range(&self, tag: &Tag, built: Option<&str>) -> Result<Option<Range>> {
        let last = match (self.repository.tag(tag.name())?, built) {
            (Some(found), _) => Some(found.commit),
            (None, Some(built)) => self.repository.commit(built)?,
            (None, None) => None,
        };
        let Some(last) =
            last.map_or_else(|| self.repository.commit("HEAD"), |last| Ok(Some(last)))?
        else {
            return Ok(None);
        };
        let previous = self.previous(tag, &last)?;
        Ok(Some(Range { last, previous }))
    }

    /// Returns the commits of a range, the newest first.
    pub(crate) fn commits(&self, range: &Range) -> Result<Vec<Commit>> {
        if range.previous.is_none() && self.is_shallow()? {
            let message =
                "this clone is shallow and holds no earlier release, so what changed is unknown";
            return Err(Failure::refused(message).hint("git fetch --unshallow --tags").into());
        }
        let shell = self.shell()?;
        let revisions = match &range.previous {
            Some(previous) => format!("refs/tags/{}..{}", previous.name(), range.last),
            None => range.last.clone(),
        };
        // Hash, parents, message; a message can hold anything but the NUL between commits.
        let format = "--format=%H%n%P%n%B";
        let command = cmd!(
            shell,
            "git -c log.showSignature=false log -z --no-color --no-notes --encoding=UTF-8 {format} --end-of-options {revisions}"
        );
        let text = sh::read(command, DEADLINE).context("failed to read the history")?;
        text.split('\0').filter(|record| !record.is_empty()).map(commit).collect()
    }

    /// Returns the day of the last commit, `YYYY-MM-DD` in UTC.
    pub(crate) fn date(&self, range: &Range) -> Result<String> {
        let shell = self.shell()?;
        shell.set_var("TZ", "UTC");
        let last = &range.last;
        let command = cmd!(
            shell,
            "git -c log.showSignature=false log -1 --no-color --date=format-local:%Y-%m-%d --format=%cd --end-of-options {last}"
        );
        sh::read(command, DEADLINE).context("failed to read the date of the release")
    }

    /// Returns a file as it was at the end of a range; `None` where there was none.
    pub(crate) fn file(&self, range: &Range, path: &str) -> Result<Option<String>> {
        let Some(object) = self.repository_file(&range.last, path)? else { return Ok(None) };
        let shell = self.shell()?;
        let command = cmd!(shell, "git cat-file blob {object}");
        sh::read(command, DEADLINE)
            .map(Some)
            .with_context(|| format!("failed to read `{path}` of {}", range.last))
    }

    fn repository_file(&self, commit: &str, path: &str) -> Result<Option<String>> {
        let shell = self.shell()?;
        let revision = format!("{commit}:{path}");
        let output = sh::output(
            cmd!(shell, "git rev-parse --verify --quiet --end-of-options {revision}"),
            DEADLINE,
        )?;
        Ok(output.status.success().then(|| output.text()))
    }

    /// Finds the highest release below `tag` among the ancestors of `last`; pre-releases count only for a pre-release.
    fn previous(&self, tag: &Tag, last: &str) -> Result<Option<Tag>> {
        let shell = self.shell()?;
        let command =
            cmd!(shell, "git for-each-ref --merged={last} --format=%(refname:strip=2) refs/tags");
        let names = sh::read(command, DEADLINE).context("failed to list the tags")?;
        let lower = |other: &Tag| other.version().cmp_precedence(tag.version()).is_lt();
        Ok(names
            .lines()
            .filter_map(|name| Tag::parse(name, self.pattern.as_deref()).ok())
            .filter(|other| lower(other) && (tag.is_prerelease() || !other.is_prerelease()))
            // Build metadata decides among equals, so that the answer does not depend on git's order.
            .max_by(|a, b| a.version().cmp(b.version())))
    }

    fn is_shallow(&self) -> Result<bool> {
        let shell = self.shell()?;
        Ok(sh::read(cmd!(shell, "git rev-parse --is-shallow-repository"), DEADLINE)? == "true")
    }

    fn shell(&self) -> Result<Shell> {
        let shell = sh::shell_in(self.repository.folder())?;
        shell.set_var("LC_ALL", "C");
        Ok(shell)
    }
}

fn commit(record: &str) -> Result<Commit> {
    let mut parts = record.splitn(3, '\n');
    let (Some(hash), Some(parents), Some(message)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(Failure::refused("git described a commit in an unknown form").into());
    };
    Ok(Commit { hash: hash.to_owned(), merge: parents.contains(' '), message: message.to_owned() })
}
