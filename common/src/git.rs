//! The release's tag in a git repository and on its remote; the one place that pushes it.
//! Knows nothing of any host's own interface: everything goes through the `git` program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::error::Failure;
use crate::sh::{self, Output, Shell, cmd};

/// Local questions are answered at once; a remote may be slow.
const LOCAL: Duration = Duration::from_secs(60);
const REMOTE: Duration = Duration::from_secs(300);

/// A work tree, or any folder inside one.
#[derive(Clone, Debug)]
pub struct Repository {
    folder: PathBuf,
}

/// What a tag names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagReference {
    /// The tag object of an annotated tag, else the commit.
    pub object: String,
    /// The commit it leads to.
    pub commit: String,
}

impl TagReference {
    /// Tells an annotated tag from a lightweight one.
    pub fn annotated(&self) -> bool {
        self.object != self.commit
    }
}

/// What pushing a tag came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has it now.
    Created,
    /// The remote had the same tag already.
    AlreadyThere,
}

impl Repository {
    /// Opens the repository that `folder` lies in; `None` where there is none (or no `git`).
    pub fn find(folder: &Path) -> Option<Self> {
        let repository = Self { folder: folder.to_owned() };
        let shell = repository.shell().ok()?;
        let top = sh::read(cmd!(shell, "git rev-parse --show-toplevel"), LOCAL).ok()?;
        Some(Self { folder: top.into() })
    }

    /// Returns the top folder of the work tree.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn shell(&self) -> Result<Shell> {
        let shell = sh::shell_in(&self.folder)?;
        // Never ask a person who is not there; never depend on the language of messages.
        shell.set_var("GIT_TERMINAL_PROMPT", "0");
        shell.set_var("LC_ALL", "C");
        Ok(shell)
    }

    /// Returns the url configured for a remote.
    pub fn remote_url(&self, remote: &str) -> Result<Option<String>> {
        let shell = self.shell()?;
        let key = format!("remote.{remote}.url");
        let output = sh::output(cmd!(shell, "git config --get {key}"), LOCAL)?;
        Ok(output.status.success().then(|| output.text()).filter(|url| !url.is_empty()))
    }

    /// Finds the remote whose url ends with `path` (such as `acme/greet`), whatever its scheme.
    pub fn remote_of(&self, path: &str) -> Result<Option<String>> {
        let shell = self.shell()?;
        let output = sh::output(cmd!(shell, "git config --get-regexp ^remote\\..*\\.url$"), LOCAL)?;
        let text = output.text();
        let found = text.lines().filter_map(|line| line.split_once(' ')).find(|(_, url)| {
            let url = url.trim_end_matches('/');
            let url = url.strip_suffix(".git").unwrap_or(url);
            let tail = url.len().checked_sub(path.len()).and_then(|at| url.get(at..));
            let before =
                url.len().checked_sub(path.len() + 1).and_then(|at| url.as_bytes().get(at));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(path))
                && matches!(before, None | Some(b'/' | b':'))
        });
        Ok(found.and_then(|(key, _)| {
            Some(key.strip_prefix("remote.")?.strip_suffix(".url")?.to_owned())
        }))
    }

    /// Returns the commit that a revision names; `None` when there is no such revision.
    pub fn commit(&self, revision: &str) -> Result<Option<String>> {
        self.resolve(&format!("{revision}^{{commit}}"))
    }

    /// Returns what a tag names here; `None` when it was not made yet.
    pub fn tag(&self, tag: &str) -> Result<Option<TagReference>> {
        let Some(object) = self.resolve(&format!("refs/tags/{tag}"))? else { return Ok(None) };
        let Some(commit) = self.resolve(&format!("refs/tags/{tag}^{{commit}}"))? else {
            return Err(Failure::refused(format!("the tag `{tag}` does not name a commit")).into());
        };
        Ok(Some(TagReference { object, commit }))
    }

    fn resolve(&self, revision: &str) -> Result<Option<String>> {
        let shell = self.shell()?;
        let command = cmd!(shell, "git rev-parse --verify --quiet --end-of-options {revision}");
        let output = sh::output(command, LOCAL)?;
        Ok(output.status.success().then(|| output.text()))
    }

    /// Returns what a tag names on a remote; `None` when it is not there.
    ///
    /// # Errors
    /// Refused or temporary, by what git says of the remote.
    pub fn remote_tag(&self, remote: &str, tag: &str) -> Result<Option<TagReference>> {
        let shell = self.shell()?;
        let (plain, peeled) = (format!("refs/tags/{tag}"), format!("refs/tags/{tag}^{{}}"));
        let command = cmd!(shell, "git ls-remote --end-of-options {remote} {plain} {peeled}");
        let output = sh::output(command, REMOTE)?;
        if !output.status.success() {
            return Err(
                remote_failure(&format!("ask `{remote}` for the tag `{tag}`"), &output).into()
            );
        }
        let text = output.text();
        let find = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once('\t'))
                .find(|(_, found)| *found == name)
                .map(|(object, _)| object.to_owned())
        };
        Ok(find(&plain).map(|object| TagReference {
            commit: find(&peeled).unwrap_or_else(|| object.clone()),
            object,
        }))
    }

    /// Makes sure that `remote` has `tag`, and that it leads to `commit`. The only place that
    /// pushes a release's tag; safe to call again, and after a lost answer it looks before it
    /// judges. Nothing is ever forced.
    ///
    /// # Errors
    /// Refused when the tag is missing here, or names another commit here or on the remote.
    pub fn push_tag(&self, remote: &str, tag: &str, commit: &str) -> Result<Pushed> {
        if let Some(there) = self.remote_tag(remote, tag)? {
            return match_commit(&there.commit, commit, tag, remote).map(|()| Pushed::AlreadyThere);
        }
        let Some(here) = self.tag(tag)? else {
            return Err(Failure::refused(format!(
                "the tag `{tag}` does not exist here or on `{remote}`"
            ))
            .hint(format!("make it: git tag -a {tag} -m {tag} {commit}"))
            .into());
        };
        match_commit(&here.commit, commit, tag, "this repository")?;
        let shell = self.shell()?;
        let refspec = format!("refs/tags/{tag}:refs/tags/{tag}");
        let command =
            cmd!(shell, "git push --quiet --no-follow-tags --end-of-options {remote} {refspec}");
        let output = sh::output(command, REMOTE)?;
        if output.status.success() {
            return Ok(Pushed::Created);
        }
        // The push may have arrived although git says it failed; or someone else's did.
        match self.remote_tag(remote, tag) {
            Ok(Some(there)) => {
                match_commit(&there.commit, commit, tag, remote).map(|()| Pushed::Created)
            }
            _ => {
                Err(remote_failure(&format!("push the tag `{tag}` to `{remote}`"), &output).into())
            }
        }
    }
}

fn match_commit(found: &str, wanted: &str, tag: &str, place: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the tag `{tag}` of `{place}` is at commit {found}, the manifest was made from {wanted}"
    ))
    .hint("a published tag never moves: release the next version, or build from the tagged commit")
    .into())
}

/// Judges a failure of a remote by the few words that git keeps stable.
fn remote_failure(verb: &str, output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let failure = sh::failed("git", output);
    let says = |needles: &[&str]| needles.iter().any(|needle| said.contains(needle));
    let message = format!("failed to {verb}");
    if says(&[
        "Could not resolve host",
        "Connection",
        "timed out",
        "RPC failed",
        "early EOF",
        "HTTP 5",
        "returned error: 5",
        "returned error: 429",
    ]) {
        return Failure::temporary(message).because(failure);
    }
    let refused = Failure::refused(message).because(failure);
    if says(&[
        "Authentication failed",
        "could not read Username",
        "Permission denied",
        "returned error: 403",
    ]) {
        return refused.hint("git itself must be able to push here: try `git push --dry-run`");
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with one commit, the annotated tag v1.0.0, and a bare remote `origin`.
    fn sample() -> (tempfile::TempDir, Repository, String) {
        let folder = tempfile::tempdir().unwrap();
        let script = "
            export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com
            export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
            git init -q --bare remote.git && git init -q work && cd work
            git commit -q --allow-empty -m one && git tag -a v1.0.0 -m v1.0.0
            git remote add origin ../remote.git";
        let shell = sh::shell_in(folder.path()).unwrap();
        sh::read(cmd!(shell, "sh -ec {script}"), LOCAL).unwrap();
        let repository = Repository::find(&folder.path().join("work")).unwrap();
        let commit = repository.commit("HEAD").unwrap().unwrap();
        (folder, repository, commit)
    }

    #[test]
    fn a_tag_is_pushed_once_and_found_the_second_time() {
        let (_folder, repository, commit) = sample();
        assert_eq!(repository.remote_tag("origin", "v1.0.0").unwrap(), None);
        assert_eq!(repository.push_tag("origin", "v1.0.0", &commit).unwrap(), Pushed::Created);
        assert_eq!(repository.push_tag("origin", "v1.0.0", &commit).unwrap(), Pushed::AlreadyThere);
        let there = repository.remote_tag("origin", "v1.0.0").unwrap().unwrap();
        assert!(there.annotated());
        assert_eq!(there.commit, commit);
    }

    #[test]
    fn a_tag_at_another_commit_is_refused_here_and_there() {
        let (_folder, repository, commit) = sample();
        let other = "1".repeat(40);
        let error = repository.push_tag("origin", "v1.0.0", &other).unwrap_err().to_string();
        assert!(error.contains("`this repository` is at commit"), "{error}");
        repository.push_tag("origin", "v1.0.0", &commit).unwrap();
        let error = repository.push_tag("origin", "v1.0.0", &other).unwrap_err().to_string();
        assert!(error.contains("`origin` is at commit"), "{error}");
    }

    #[test]
    fn a_tag_nobody_made_is_refused_with_the_command_that_makes_it() {
        let (_folder, repository, commit) = sample();
        let error = repository.push_tag("origin", "v2.0.0", &commit).unwrap_err();
        assert!(crate::error::hint(&error).unwrap().starts_with("make it: git tag -a v2.0.0"));
    }

    #[test]
    fn names_that_look_like_options_stay_names() {
        let (_folder, repository, commit) = sample();
        repository.remote_tag("--upload-pack=touch pwned", "v1.0.0").unwrap_err();
        repository.push_tag("--receive-pack=touch pwned", "v1.0.0", &commit).unwrap_err();
        assert!(!repository.folder().join("pwned").exists());
        assert_eq!(repository.commit("--help").unwrap(), None);
    }
}
