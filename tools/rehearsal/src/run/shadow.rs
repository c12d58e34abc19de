//! The repository a rehearsal works in where the user's own lacks what a release needs: a commit,
//! the tag, a remote. It is a copy below the state; the user's own is only read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use common::config::Configuration;
use common::console;
use common::tag::Tag;

use super::environment::Environment;
use super::git::{self, Git};

/// What a release of one tag needs and a repository may lack.
#[derive(Debug)]
struct Lacks {
    commit: bool,
    tag: bool,
    remote: bool,
}

/// Prepares a copy where something is lacking and returns its git folder; nothing where the
/// user's repository will do, or where `command` names no tag.
pub(super) fn prepare(
    here: &Path,
    state: &Path,
    command: &[String],
    environment: &Environment,
) -> Result<Option<PathBuf>> {
    // A configuration that cannot be read is for the tools to say.
    let configuration = Configuration::load(None).ok();
    let pattern = configuration.as_ref().and_then(|found| found.tag_pattern.as_deref());
    let Some(tag) = command.iter().find_map(|word| Tag::parse(word, pattern).ok()) else {
        return Ok(None);
    };
    let own = Git::closed(here, environment)?;
    let top = own.to_top().context("failed to look for a git repository")?;
    let lacks = Lacks {
        commit: git::ask(own.command(["rev-parse", "--verify", "--quiet", "HEAD"]))?.is_none(),
        tag: git::ask(own.command(["rev-parse", "--verify", "--quiet"]).arg(reference(&tag)))?
            .is_none(),
        remote: git::ask(own.command(["remote"]))?.is_none_or(|remotes| remotes.is_empty()),
    };
    if !(lacks.commit || lacks.tag || lacks.remote) {
        return Ok(None);
    }
    let folder = state.join("project.git");
    let mut inside = environment.clone();
    inside.insert("GIT_DIR".into(), folder.clone().into());
    for role in ["AUTHOR", "COMMITTER"] {
        // The same commit and tag in every rehearsal of the same files.
        inside.insert(format!("GIT_{role}_NAME").into(), "rehearsal".into());
        inside.insert(format!("GIT_{role}_EMAIL").into(), "rehearsal@example.invalid".into());
        inside.insert(format!("GIT_{role}_DATE").into(), "2026-01-01T00:00:00Z".into());
    }
    let shadow = Shadow {
        git: Git::closed(top.as_deref().unwrap_or(here), &inside)?,
        folder: folder.clone(),
        tag,
    };
    shadow
        .fill(&own, &lacks, top.as_deref().unwrap_or(here), configuration.as_ref())
        .with_context(|| format!("failed to prepare `{}`", folder.display()))?;
    Ok(Some(folder))
}

fn reference(tag: &Tag) -> String {
    format!("refs/tags/{tag}")
}

struct Shadow {
    git: Git,
    folder: PathBuf,
    tag: Tag,
}

impl Shadow {
    fn fill(
        &self,
        own: &Git,
        lacks: &Lacks,
        top: &Path,
        configuration: Option<&Configuration>,
    ) -> Result<()> {
        let branch = git::ask(own.command(["symbolic-ref", "--quiet", "--short", "HEAD"]))?;
        let branch = branch.unwrap_or_else(|| "main".to_owned());
        let git = &self.git;
        git::read(git.command(["init", "--quiet", "--template=", "--initial-branch", &branch]))?;
        git::read(git.command(["config", "core.bare", "false"]))?;
        git::read(git.command(["config", "core.worktree"]).arg(top))?;
        if lacks.commit {
            self.commit()?;
        } else {
            self.copy(own, &branch)?;
        }
        if lacks.tag && !self.has(&reference(&self.tag))? {
            let tag = self.tag.name();
            git::read(git.command(["tag", "--annotate", "--message", tag, "--", tag]))?;
            console::note(&format!(
                "the tag {tag} is not made yet: this rehearsal has one of its own (really: just prepare {tag})"
            ));
        }
        if lacks.remote && git::read(git.command(["remote"]))?.is_empty() {
            self.add_remote(configuration)?;
        }
        Ok(())
    }

    /// The first commit of a repository that has none: everything but what is built.
    fn commit(&self) -> Result<()> {
        if self.has("HEAD")? {
            return Ok(());
        }
        console::note("nothing is committed yet: this rehearsal has a commit of its own");
        let exclude = self.folder.join("info/exclude");
        common::fs::replace(&exclude, b"/dist/\n")?;
        git::read(self.git.command(["add", "--all"]))?;
        let message =
            ["commit", "--quiet", "--allow-empty", "--no-verify", "--message", "feat: begin"];
        git::read(self.git.command(message)).map(drop)
    }

    /// Branches, tags and remotes as the user has them.
    fn copy(&self, own: &Git, branch: &str) -> Result<()> {
        let source = git::read(own.command(["rev-parse", "--absolute-git-dir"]))?;
        let fetch = ["fetch", "--quiet", "--no-tags", "--update-head-ok", "--end-of-options"];
        let all = ["+refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*"];
        git::read(self.git.command(fetch).arg(source).args(all))?;
        let commit = git::read(own.command(["rev-parse", "HEAD"]))?;
        let head = format!("refs/heads/{branch}");
        git::read(self.git.command(["update-ref", &head, &commit]))?;
        git::read(self.git.command(["reset", "--quiet", "--mixed"]))?;
        let pattern = r"^remote\..*\.(url|pushurl)$";
        let Some(remotes) = git::ask(own.command(["config", "--local", "--get-regexp", pattern]))?
        else {
            return Ok(());
        };
        for (key, url) in remotes.lines().filter_map(|line| line.split_once(' ')) {
            git::read(self.git.command(["config", key, url]))?;
        }
        Ok(())
    }

    /// The remote that the configuration speaks of.
    fn add_remote(&self, configuration: Option<&Configuration>) -> Result<()> {
        let settings =
            configuration.and_then(|found| Some(found.publishers.get("github")?.config.value()));
        let word = |key: &str| settings.as_ref()?.get(key)?.as_str().map(str::to_owned);
        let (Some(owner), Some(repo)) = (word("owner"), word("repo")) else { return Ok(()) };
        let url = format!("https://github.com/{owner}/{repo}.git");
        console::note(&format!(
            "there is no remote yet: this rehearsal pushes to a stand-in of {url}"
        ));
        git::read(self.git.command(["remote", "add", "--", "origin", &url])).map(drop)
    }

    fn has(&self, revision: &str) -> Result<bool> {
        Ok(git::ask(self.git.command(["rev-parse", "--verify", "--quiet", revision]))?.is_some())
    }
}
