//! Reading history: commits, ranges and what changed between two of them.
//! Returns plain values; their JSON form is the business of a channel.

use anyhow::Result;

use super::Repository;

/// One commit, as `git log` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) tree: String,
    pub(crate) parents: Vec<String>,
    pub(crate) author: Person,
    pub(crate) committer: Person,
    pub(crate) message: String,
}

/// Who did something, and when (RFC 3339, UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) date: String,
}

const FORMAT: &str =
    "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x00%x01";
const DATE: &str = "--date=format-local:%Y-%m-%dT%H:%M:%SZ";

impl Repository {
    /// Returns one commit by its hash.
    pub(crate) fn commit(&self, sha: &str) -> Result<Option<Commit>> {
        Ok(self.log(&["--max-count=1", sha])?.into_iter().next())
    }

    /// Lists the commits reachable from a revision, newest first, at most `count` after `skip`.
    pub(crate) fn commits(&self, revision: &str, skip: usize, count: usize) -> Result<Vec<Commit>> {
        self.log(&[&format!("--skip={skip}"), &format!("--max-count={count}"), revision])
    }

    /// Lists the commits in `head` that are not in `base`, oldest first.
    pub(crate) fn range(&self, base: &str, head: &str) -> Result<Vec<Commit>> {
        let mut commits = self.log(&["--topo-order", &format!("{base}..{head}")])?;
        commits.reverse();
        Ok(commits)
    }

    /// Returns the best common ancestor of two commits.
    pub(crate) fn merge_base(&self, left: &str, right: &str) -> Result<Option<String>> {
        self.ask(&["merge-base", left, right])
    }

    /// Tells whether a commit is an ancestor of another, or the same.
    pub(crate) fn is_ancestor(&self, older: &str, newer: &str) -> Result<bool> {
        let output = self.git(&["merge-base", "--is-ancestor", older, newer], b"")?;
        Ok(output.status.success())
    }

    /// Lists the paths that differ between two commits with git's letter for how.
    pub(crate) fn changed(
        &self,
        base: &str,
        head: &str,
        under: Option<&str>,
    ) -> Result<Vec<(char, String)>> {
        let mut arguments = vec!["diff", "--name-status", "--no-renames", "-z", base, head];
        if let Some(folder) = under {
            arguments.extend(["--", folder]);
        }
        let text = self.ask(&arguments)?.unwrap_or_default();
        let mut fields = text.split('\0');
        let mut found = Vec::new();
        while let (Some(letter), Some(path)) = (fields.next(), fields.next()) {
            found.push((letter.chars().next().unwrap_or('M'), path.to_owned()));
        }
        Ok(found)
    }

    fn log(&self, arguments: &[&str]) -> Result<Vec<Commit>> {
        let mut all = vec!["log", FORMAT, DATE];
        all.extend(arguments);
        // `format-local` needs the zone it should be local to.
        let zone = [("TZ", "UTC".to_owned())];
        let output = self.git_with(&zone, &all, b"")?;
        if !output.status.success() {
            return Ok(Vec::new());
        }
        Ok(String::from_utf8_lossy(&output.stdout).split('\u{1}').filter_map(parse).collect())
    }
}

fn parse(record: &str) -> Option<Commit> {
    let fields: Vec<&str> = record.trim_start_matches('\n').split('\0').collect();
    let [sha, tree, parents, author, author_email, author_date, rest @ ..] = &fields[..] else {
        return None;
    };
    let [committer, email, date, message, ..] = rest else { return None };
    let person = |name: &str, email: &str, date: &str| Person {
        name: name.to_owned(),
        email: email.to_owned(),
        date: date.to_owned(),
    };
    Some(Commit {
        sha: (*sha).to_owned(),
        tree: (*tree).to_owned(),
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        author: person(author, author_email, author_date),
        committer: person(committer, email, date),
        message: message.trim_end_matches('\n').to_owned(),
    })
}
