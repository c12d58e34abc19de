//! The command line, and what each of the two commands gathers before it prints.
//! Knows where things come from, not how they are worded.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{ArgAction, Args, Parser, Subcommand};
use common::cli::{Flags, Outcome, Program};
use common::config::Configuration;
use common::error::Failure;
use common::manifest::{self, Manifest};
use common::tag::Tag;
use common::{console, fs};

use crate::entry::{self, Include};
use crate::history::{History, Range};
use crate::list::Links;
use crate::notes::{self, Notes};
use crate::{channel, install, written};

/// GitHub's limit on the text of a release, in characters.
const LIMIT: usize = 125_000;

/// Print the section of a version from git history, and the release notes
#[derive(Debug, Parser)]
#[command(name = "changelog")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the section of a version for CHANGELOG.md, from the commits since the last release
    Section(Common),
    /// Print the release notes: what changed, how to install it, checksums
    Notes(Box<NotesArguments>),
}

#[derive(Debug, Args)]
struct Common {
    /// The release's tag; one that was not made yet stands for HEAD
    tag: String,
    /// The address of the repository, to link commits and pull requests [default: of the channel `github`]
    #[arg(long, value_name = "URL")]
    repository_url: Option<String>,
}

#[derive(Debug, Args)]
struct NotesArguments {
    #[command(flatten)]
    common: Common,
    /// Whether commits are listed
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    include_commits: bool,
    /// Whether merged pull requests are listed
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    include_prs: bool,
    /// The manifest [default: manifest.json in the folder of built files, where there is one]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Where an artifact can be fetched, with {tag}, {version} and {name} [default: of the channel `github`]
    #[arg(long, value_name = "TEMPLATE")]
    url_template: Option<String>,
    /// How a channel is used, instead of the configuration: what is installed from it (`homebrew=acme/tap/greet`),
    /// or for a channel unknown to Landfall the command that installs it
    #[arg(long, value_name = "NAME=VALUE", value_parser = channel::named)]
    channel: Vec<(String, String)>,
    /// A changelog to take the version's section from [default: CHANGELOG.md of the tagged commit]
    #[arg(long, value_name = "FILE")]
    changelog: Option<PathBuf>,
    /// The most characters to print, from 2000
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: usize,
}

impl Program for Arguments {
    fn flags(&self) -> &Flags {
        &self.flags
    }

    fn verb(&self) -> String {
        match self.command {
            Command::Section(_) => "section".into(),
            Command::Notes(_) => "notes".into(),
        }
    }

    fn run(self, outcome: &mut Outcome) -> Result<()> {
        let configuration = Configuration::load(self.flags.config.as_deref())?;
        let common = match &self.command {
            Command::Section(common) => common,
            Command::Notes(notes) => &notes.common,
        };
        let tag = Tag::parse(&common.tag, configuration.tag_pattern.as_deref())?;
        outcome.document.tag = Some(tag.name().to_owned());
        let links = Links::new(
            common.repository_url.clone().or_else(|| channel::repository_url(&configuration)),
        );
        outcome.text = match &self.command {
            Command::Section(_) => section(&tag, &configuration, &links)?,
            Command::Notes(arguments) => {
                arguments.print(&tag, &configuration, &self.flags, &links)?
            }
        };
        if self.flags.json {
            let mut document = serde_json::to_value(&outcome.document)?;
            document["text"] = outcome.text.as_str().into();
            outcome.instead = Some(document.to_string());
        }
        Ok(())
    }
}

fn section(tag: &Tag, configuration: &Configuration, links: &Links) -> Result<String> {
    let refused = || {
        Failure::refused("there is no git history here")
            .hint("run it in the project's repository: git status")
    };
    let history = History::open(configuration.tag_pattern.as_deref())?.ok_or_else(refused)?;
    let range = history.range(tag, None)?.ok_or_else(refused)?;
    let include = Include { commits: true, pull_requests: true };
    let entries = entry::read(&history.commits(&range)?, include);
    let heading = format!("## [{}] - {}\n\n", tag.version(), history.date(&range)?);
    Ok(heading + &links.list(&entries, usize::MAX))
}

impl NotesArguments {
    fn print(
        &self,
        tag: &Tag,
        configuration: &Configuration,
        flags: &Flags,
        links: &Links,
    ) -> Result<String> {
        if self.limit < notes::LEAST {
            let message = format!("`--limit {}` leaves no room for notes", self.limit);
            return Err(Failure::usage(message)
                .hint(format!("give at least {}", notes::LEAST))
                .into());
        }
        let manifest = self.manifest(tag, flags)?;
        let template = self.url_template.clone().or_else(|| channel::url_template(configuration));
        let history = History::open(configuration.tag_pattern.as_deref())?;
        let built = manifest.as_ref().map(|manifest| manifest.commit.as_str());
        let range =
            history.as_ref().map(|history| history.range(tag, built)).transpose()?.flatten();
        let known = history.as_ref().zip(range.as_ref());
        let written = self.written(tag, known)?;
        let entries = match (&written, known) {
            (None, Some((history, range))) if self.include_commits || self.include_prs => {
                let include =
                    Include { commits: self.include_commits, pull_requests: self.include_prs };
                entry::read(&history.commits(range)?, include)
            }
            (None, None) => {
                console::warn("there is no git history here, so the notes do not say what changed");
                Vec::new()
            }
            _ => Vec::new(),
        };
        let files = manifest
            .as_ref()
            .map(|manifest| install::Files::new(manifest, tag, template.as_deref()))
            .transpose()?;
        let notes = Notes {
            tag: tag.clone(),
            written,
            entries,
            previous: range.and_then(|range| range.previous),
            files,
            channels: channel::lines(&self.channel, configuration, manifest.as_ref(), tag)?,
        };
        Ok(notes.print(links, self.limit))
    }

    fn manifest(&self, tag: &Tag, flags: &Flags) -> Result<Option<Manifest>> {
        let manifest = match &self.manifest {
            Some(path) => {
                Some(Manifest::parse(&fs::read_text(path)?, &path.display().to_string())?)
            }
            None => manifest::load(&flags.dist)?.map(|frozen| frozen.manifest),
        };
        match manifest {
            Some(other) if other.tag != tag.name() => {
                let message =
                    format!("the manifest is of `{}`, the notes are for `{tag}`", other.tag);
                let hint = format!("make the manifest of this tag: checksum create {tag}");
                Err(Failure::refused(message).hint(hint).into())
            }
            manifest => Ok(manifest),
        }
    }

    /// Finds what a person wrote about this version.
    fn written(
        &self,
        tag: &Tag,
        known: Option<(&History, &Range)>,
    ) -> Result<Option<written::Section>> {
        let text = match (&self.changelog, known) {
            (Some(path), _) => Some(fs::read_text(path)?),
            (None, Some((history, range))) => history.file(range, written::FILE)?,
            (None, None) => None,
        };
        let found = text.as_deref().and_then(|text| written::Section::find(text, tag));
        match (&self.changelog, &found) {
            (Some(path), None) => {
                Err(Failure::refused(format!("`{}` says nothing of `{tag}`", path.display())).hint(
                    format!("add a section `## [{}]`, or leave out --changelog", tag.version()),
                ))
                .context("failed to find what changed")
            }
            _ => Ok(found),
        }
    }
}
