//! The bare repositories under `D/git`, read and written by the `git` program.
//! A repository of a stand-in exists if and only if its folder does; knows nothing of any channel.

mod history;
mod objects;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use common::sh::{self, Output, cmd};

pub(crate) use history::{Commit, Person};
pub(crate) use objects::{Entry, NewCommit, TagObject};

const DEADLINE: Duration = Duration::from_secs(60);

/// All repositories of one git host.
#[derive(Clone, Debug)]
pub(crate) struct Repositories {
    root: PathBuf,
}

/// One bare repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    path: PathBuf,
}

/// A reference and what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The full name, such as `refs/tags/v1.0.0`.
    pub(crate) name: String,
    /// The object it names directly.
    pub(crate) object: String,
    /// `commit`, or `tag` for an annotated tag.
    pub(crate) kind: String,
    /// The commit it leads to, however many tag objects lie between.
    pub(crate) commit: String,
}

impl Repositories {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Opens a repository by owner and name; absent where there is no such folder.
    pub(crate) fn open(&self, owner: &str, name: &str) -> Option<Repository> {
        if !is_plain(owner) || !is_plain(name) {
            return None;
        }
        let path = self.root.join(owner).join(format!("{name}.git"));
        path.is_dir().then_some(Repository { path })
    }

    /// Lists owner and name of all repositories, sorted.
    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for owner in names(&self.root) {
            for name in names(&self.root.join(&owner)) {
                if let Some(name) = name.strip_suffix(".git") {
                    found.push((owner.clone(), name.to_owned()));
                }
            }
        }
        found.sort();
        found
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Tells whether a name stays inside its folder.
fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name != "." && name != ".." && name.chars().all(allowed)
}

impl Repository {
    /// Runs git in the repository; a failing status is not an error here.
    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        self.git_with(&[], arguments, input)
    }

    fn git_with(
        &self,
        variables: &[(&str, String)],
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Output> {
        let shell = sh::shell_in(&self.path)?;
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            shell.set_var(name, "");
        }
        // What a person configured for themselves must not change what the stand-in does.
        shell.set_var("GIT_CONFIG_GLOBAL", "/dev/null");
        shell.set_var("LC_ALL", "C");
        for (name, value) in variables {
            shell.set_var(name, value);
        }
        let path = &self.path;
        let mut command = cmd!(shell, "git --git-dir {path} {arguments...}");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            if !variables.iter().any(|(set, _)| *set == name) {
                command = command.env_remove(name);
            }
        }
        sh::output_with_input(command, input, DEADLINE)
    }

    /// Runs git and returns its stdout when it succeeds.
    fn ask(&self, arguments: &[&str]) -> Result<Option<String>> {
        let output = self.git(arguments, b"")?;
        Ok(output.status.success().then(|| output.text()))
    }

    /// Runs git, which must succeed, and returns its stdout.
    fn must(
        &self,
        variables: &[(&str, String)],
        arguments: &[&str],
        input: &[u8],
    ) -> Result<String> {
        let output = self.git_with(variables, arguments, input)?;
        if !output.status.success() {
            return Err(sh::failed("git", &output).into());
        }
        Ok(output.text())
    }

    /// Returns the name of the default branch, also where it has no commit yet.
    pub(crate) fn default_branch(&self) -> Result<String> {
        let name = self.ask(&["symbolic-ref", "--short", "HEAD"])?;
        Ok(name.unwrap_or_else(|| "main".to_owned()))
    }

    /// Lists the references whose full name begins with `prefix`, sorted by name.
    pub(crate) fn references(&self, prefix: &str) -> Result<Vec<Reference>> {
        let format = "--format=%(refname)%00%(objectname)%00%(objecttype)";
        let text = self.ask(&["for-each-ref", format])?.unwrap_or_default();
        let mut found = Vec::new();
        for line in text.lines() {
            let mut fields = line.split('\0');
            let (Some(name), Some(object), Some(kind)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            if !name.starts_with(prefix) {
                continue;
            }
            // `%(*objectname)` peels one level only, and tags of tags exist.
            let commit = match kind {
                "tag" => self.resolve(object)?.unwrap_or_default(),
                _ => object.to_owned(),
            };
            let (name, object, kind) = (name.to_owned(), object.to_owned(), kind.to_owned());
            found.push(Reference { name, object, kind, commit });
        }
        Ok(found)
    }

    /// Returns the reference of exactly this full name.
    pub(crate) fn reference(&self, name: &str) -> Result<Option<Reference>> {
        let format = "--format=%(refname)%00%(objectname)%00%(objecttype)";
        let pattern = glob_literal(name);
        let text = self.ask(&["for-each-ref", format, &pattern])?.unwrap_or_default();
        for line in text.lines() {
            let fields: Vec<&str> = line.split('\0').collect();
            let [found, object, kind] = fields[..] else { continue };
            if found == name {
                let commit = match kind {
                    "tag" => self.resolve(object)?.unwrap_or_default(),
                    _ => object.to_owned(),
                };
                let (object, kind) = (object.to_owned(), kind.to_owned());
                return Ok(Some(Reference { name: name.to_owned(), object, kind, commit }));
            }
        }
        Ok(None)
    }

    /// Returns the commit that a branch, a tag or a hash names.
    pub(crate) fn resolve(&self, revision: &str) -> Result<Option<String>> {
        if revision.is_empty() || revision.starts_with('-') {
            return Ok(None);
        }
        let revision = format!("{revision}^{{commit}}");
        self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &revision])
    }

    /// Tells whether `name` could be the full name of a reference.
    pub(crate) fn is_well_formed(&self, name: &str) -> Result<bool> {
        Ok(self.git(&["check-ref-format", name], b"")?.status.success())
    }

    /// Tells whether there is no commit on the default branch.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        Ok(self.resolve("HEAD")?.is_none())
    }

    /// Lets a reference name an object, new or not.
    pub(crate) fn point(&self, name: &str, object: &str) -> Result<()> {
        self.must(&[], &["update-ref", name, object], b"").map(drop)
    }

    /// Removes a reference.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        self.must(&[], &["update-ref", "-d", name], b"").map(drop)
    }
}

/// Keeps `for-each-ref` from reading a name as a pattern.
fn glob_literal(name: &str) -> String {
    name.replace(['*', '?', '['], "?")
}
