//! The git side of a rehearsal: a bare copy of each remote before it, what changed after it.
//! Knows git, and nothing of channels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use common::error::Failure;
use common::fs;
use common::sh::{self, Output};

use super::environment::Environment;
use super::git::{self, Git};
use super::remote::{Place, without_password};
use super::rewriting;

/// Tags named in one command; a command line has an end.
const AT_ONCE: usize = 500;

/// The bare repositories that stand for the remotes of the project.
pub(super) struct Repositories {
    git_dir: PathBuf,
    git: Git,
    top: Option<PathBuf>,
    places: Vec<Place>,
}

/// All references of all bare repositories: (repository, reference) to object.
pub(super) type References = BTreeMap<(String, String), String>;

impl Repositories {
    /// Looks at the repository around `folder`. `environment` is the closed one; the file that
    /// its `GIT_CONFIG_GLOBAL` names, `configuration`, is written here.
    ///
    /// # Errors
    /// Refused when a remote would lead out of the rehearsal.
    pub(super) fn prepare(
        folder: &Path,
        git_dir: &Path,
        configuration: &Path,
        environment: &Environment,
    ) -> Result<Self> {
        // Before the remotes are known only the general rules are: what is asked first needs none.
        let mut hosts = BTreeSet::from(["github.com".to_owned()]);
        let write = |places: &[Place], hosts: &BTreeSet<String>| {
            let text = rewriting::configuration(git_dir, places, hosts);
            fs::replace(configuration, text.as_bytes())
        };
        write(&[], &hosts)?;
        let git = Git::closed(folder, environment)?;
        let top = git.to_top().context("failed to look for a git repository")?;
        let git_dir = git_dir.to_owned();
        let mut repositories = Self { git_dir, git, top, places: Vec::new() };
        repositories.places = repositories.configured()?;
        hosts.extend(repositories.places.iter().filter_map(|place| place.host.clone()));
        write(&repositories.places, &hosts)?;
        repositories.refuse_what_escapes()?;
        Ok(repositories)
    }

    /// Returns the top folder of the project's work tree.
    pub(super) fn top(&self) -> Option<&Path> {
        self.top.as_deref()
    }

    /// Makes the bare repositories, or brings their branch forward. Tags of older releases are
    /// given to a new one; those at the current commit, and those that `command` names, are what
    /// is about to be released.
    pub(super) fn seed(&self, command: &[String]) -> Result<()> {
        let repositories: BTreeSet<&Path> =
            self.places.iter().map(|place| place.repository.as_path()).collect();
        for repository in repositories {
            self.seed_one(repository, command)
                .with_context(|| format!("failed to prepare `{}`", repository.display()))?;
        }
        Ok(())
    }

    fn seed_one(&self, repository: &Path, command: &[String]) -> Result<()> {
        let git = &self.git;
        let branch = git::ask(git.command(["symbolic-ref", "--quiet", "--short", "HEAD"]))?;
        let branch = branch.unwrap_or_else(|| "main".to_owned());
        let path = self.git_dir.join(repository);
        // One without references was left by a run that was killed here.
        let new = !path.join("HEAD").is_file() || self.references_of(&path)?.is_empty();
        if new {
            let options = ["init", "--quiet", "--bare", "--template=", "--initial-branch", &branch];
            git::read(git.command(options).arg(&path))?;
        }
        if git::ask(git.command(["rev-parse", "--verify", "--quiet", "HEAD"]))?.is_none() {
            return Ok(());
        }
        let url = format!("{}{}", rewriting::base(&self.git_dir), repository.display());
        let refspec = format!("HEAD:refs/heads/{branch}");
        let push = ["push", "--quiet", "--no-verify", &url];
        let pushed = git::output(git.command(push).arg(refspec))?;
        if !pushed.status.success() {
            self.accept_if_behind(&path, &branch, &pushed)?;
        }
        if new {
            for tags in self.older_tags(command)?.chunks(AT_ONCE) {
                git::read(git.command(push).args(tags))?;
            }
        }
        Ok(())
    }

    /// A branch that already has the current commit and more needs nothing.
    fn accept_if_behind(&self, path: &Path, branch: &str, pushed: &Output) -> Result<()> {
        let commit = git::read(self.git.command(["rev-parse", "HEAD"]))?;
        let there = format!("refs/heads/{branch}");
        let ancestor = ["merge-base", "--is-ancestor", &commit, &there];
        if git::ask(self.git.command_on(path, ancestor))?.is_some() {
            return Ok(());
        }
        Err(Failure::refused(format!("the branch `{branch}` cannot be brought forward"))
            .because(sh::failed("git push", pushed))
            .hint(format!("if history was rewritten, begin anew: rm -r '{}'", path.display()))
            .into())
    }

    fn older_tags(&self, command: &[String]) -> Result<Vec<String>> {
        let list = ["for-each-ref", "--format=%(refname)", "--merged=HEAD", "--no-contains=HEAD"];
        let tags = git::read(self.git.command(list).arg("refs/tags"))?;
        let named = |tag: &str| command.iter().any(|word| word.contains(tag));
        Ok(tags
            .lines()
            .filter(|reference| !named(reference.trim_start_matches("refs/tags/")))
            .map(|reference| format!("{reference}:{reference}"))
            .collect())
    }

    /// Reads every reference of every bare repository.
    pub(super) fn references(&self) -> Result<References> {
        let mut all = References::new();
        for repository in bare_repositories(&self.git_dir) {
            let name =
                repository.strip_prefix(&self.git_dir).unwrap_or(&repository).display().to_string();
            for (reference, object) in self.references_of(&repository)? {
                all.insert((name.clone(), reference), object);
            }
        }
        Ok(all)
    }

    fn references_of(&self, repository: &Path) -> Result<Vec<(String, String)>> {
        let list = ["for-each-ref", "--format=%(refname) %(objectname)"];
        let text = git::read(self.git.command_on(repository, list))?;
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.map(|(reference, object)| (reference.into(), object.into())).collect())
    }

    /// Reads where the remotes lead as they are configured, for pushes too.
    fn configured(&self) -> Result<Vec<Place>> {
        let Some(top) = &self.top else { return Ok(Vec::new()) };
        let mut places = BTreeSet::new();
        for (key, url) in self.settings(r"^remote\..*\.(url|pushurl)$")? {
            if !self.is_inside(&url) {
                places.insert(
                    Place::of(&url, top)
                        .with_context(|| format!("`{key}` is no remote to rehearse with"))?,
                );
            }
        }
        Ok(places.into_iter().collect())
    }

    /// Reads settings of the repository itself, with what it includes.
    fn settings(&self, pattern: &str) -> Result<Vec<(String, String)>> {
        let command =
            self.git.command(["config", "--null", "--show-scope", "--get-regexp", pattern]);
        // No such key is status 1 and no output; else SCOPE NUL KEY LF VALUE NUL.
        let output = git::output(command)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let fields: Vec<&str> = text.split('\0').collect();
        let own = fields.chunks_exact(2).filter(|pair| matches!(pair[0], "local" | "worktree"));
        let pairs = own.filter_map(|pair| pair[1].split_once('\n'));
        Ok(pairs.map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// Asks git where each remote now leads, and looks at the repository's own rules.
    fn refuse_what_escapes(&self) -> Result<()> {
        if self.top.is_none() {
            return Ok(());
        }
        let rules = self.settings(r"^url\..*\.(pushinsteadof|insteadof)$")?;
        for name in git::read(self.git.command(["remote"]))?.lines() {
            for way in ["--all", "--push"] {
                let command = self.git.command(["remote", "get-url", "--all", way, "--", name]);
                let urls = git::output(command)?.text();
                if let Some(url) = urls.lines().find(|url| !self.is_inside(url)) {
                    let what = format!("the remote `{name}` would lead to");
                    return Err(escapes(&what, url, rules.first()));
                }
            }
        }
        for rule in &rules {
            let target = rule.0.trim_start_matches("url.");
            let target = target.rsplit_once('.').map_or(target, |(target, _)| target);
            // The network is closed to git altogether; a folder of this machine is not.
            let folder = target.starts_with("file:") || !target.contains(':');
            if folder && !self.is_inside(target) {
                return Err(escapes("git would write to", target, Some(rule)));
            }
        }
        Ok(())
    }

    fn is_inside(&self, url: &str) -> bool {
        let inside = url.starts_with(&rewriting::base(&self.git_dir))
            || Path::new(url).starts_with(&self.git_dir);
        inside && !url.contains("/../")
    }
}

fn escapes(what: &str, url: &str, rule: Option<&(String, String)>) -> anyhow::Error {
    let url = without_password(url);
    let failure =
        Failure::refused(format!("refusing to rehearse: {what} `{url}`, out of the rehearsal"));
    let failure = match rule {
        Some((key, value)) => failure
            .because(anyhow::anyhow!("the repository's own configuration has `{key}` = `{value}`"))
            .hint(format!("git config --local --unset-all '{key}'")),
        None => failure.hint("git remote -v"),
    };
    failure.into()
}

/// Finds the bare repositories below a folder.
fn bare_repositories(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.join("HEAD").is_file() && path.join("objects").is_dir() {
                found.push(path);
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}
