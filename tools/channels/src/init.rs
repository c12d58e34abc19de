//! `channels init`: a first configuration out of what is found in the current folder, the recipes
//! and the script of a release, and what is still missing. Overwrites nothing that it was not told to.

mod detect;
mod files;
mod remote;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use clap::Args;
use common::cli::{Flags, Outcome};
use common::config::{self, Configuration, KNOWN};
use common::contract::SecretWanted;
use common::report::{Action, Item, Status};
use common::{console, json};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{describe, program};
use detect::{Found, Source};
use files::Files;

/// What is said by hand, and whether files of before may go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The owner of the GitHub repository, where no remote tells it
    #[arg(long)]
    owner: Option<String>,
    /// The name of the GitHub repository, where no remote tells it
    #[arg(long)]
    repo: Option<String>,
    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

/// The recipes, as this version of Landfall has them.
const RECIPES: &str = include_str!("../../../scripts/release.just");
/// The page of shell that the recipe `release` runs.
const SCRIPT: &str = include_str!("../../../scripts/release");
/// What a project without recipes of its own begins with.
const JUSTFILE: &str = "\
import 'release.just'

# List the recipes
[private]
default:
    @just --list --unsorted
";

/// Writes what is missing and says what comes next.
pub(crate) fn run(options: &Options, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
    let found = detect::look(
        Path::new("."),
        &flags.dist,
        options.owner.as_deref(),
        options.repo.as_deref(),
    )?;
    let mut files = Files::new(options.force, flags.dry_run);
    let configuration = flags.config.clone().unwrap_or_else(|| config::FILE.into());
    let channels = channels();
    let mut notes = found.notes();
    let new = files.write(&configuration, &json::pretty(&document(&found, &channels)))?;
    if !new {
        notes.clear();
    }
    files.write(Path::new("release.just"), RECIPES.as_bytes())?;
    files.write_program(Path::new("scripts/release"), SCRIPT.as_bytes())?;
    recipes_are_imported(&mut files, &mut notes)?;
    files.ignore(&flags.dist)?;

    let wanted = if flags.dry_run && new { Vec::new() } else { missing_secrets(&configuration)? };
    for secret in &wanted {
        notes.push(format!(
            "`{}` is not set: {}; make one at {}",
            secret.variable, secret.purpose, secret.made_at
        ));
    }
    notes.extend(next(&found));
    say(&files.items, &notes);
    outcome.text = wanted.iter().map(|secret| format!("{}\n", secret.variable)).collect();
    outcome.document.status = match () {
        () if flags.dry_run => Status::Planned,
        () if files.items.iter().all(|item| item.action == Action::Unchanged) => Status::Unchanged,
        () => Status::Done,
    };
    outcome.document.items = files.items;
    outcome.document.notes = notes;
    Ok(())
}

fn say(items: &[Item], notes: &[String]) {
    for item in items {
        let word = match item.action {
            Action::Created => "wrote",
            Action::Updated => "changed",
            Action::Unchanged | Action::Removed => "left as it is:",
        };
        console::note(&format!("{word} {}", item.name));
    }
    for note in notes {
        console::note(note);
    }
}

/// Returns the known channels whose programs are here.
fn channels() -> Vec<&'static str> {
    let bare = |name: &str, tool: &str| config::Publisher {
        name: name.into(),
        enabled: true,
        priority: None,
        timeout: None,
        deadline: None,
        wait: None,
        retry_count: None,
        optional: false,
        needs: None,
        tool: tool.into(),
        config: config::Section::empty(),
    };
    let here = |(name, tool): &&(&'static str, &'static str)| {
        program::find(&bare(name, tool), Path::new(".")).is_ok()
    };
    KNOWN.iter().filter(here).map(|(name, _)| *name).collect()
}

/// The first configuration, in the order in which a person reads it.
#[derive(Serialize)]
struct Document<'a> {
    publishers: BTreeMap<&'a str, Entry>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    validators: BTreeMap<&'a str, Value>,
}

#[derive(Serialize)]
struct Entry {
    enabled: bool,
    config: Value,
}

/// Makes the first configuration: what was found is enabled, what is here but must be told more is not.
fn document<'a>(found: &Found, channels: &[&'a str]) -> Document<'a> {
    let mut github = json!({"owner": found.owner, "repo": found.repo, "token": "${GITHUB_TOKEN}"});
    if let Some(base_url) = &found.base_url {
        github["base_url"] = base_url.as_str().into();
    }
    let mut publishers = BTreeMap::from([("github", Entry { enabled: true, config: github })]);
    for &name in channels.iter().filter(|&&name| name != "github") {
        let (enabled, config) = match (name, &found.go_module) {
            ("gomodule", Some(module)) => (true, json!({"module_path": module})),
            ("pypi", _) if found.python => (true, json!({})),
            _ => (false, json!({})),
        };
        publishers.insert(name, Entry { enabled, config });
    }
    let mut validators = BTreeMap::new();
    if !found.platforms.is_empty() {
        validators.insert("github", json!({"config": {"required_assets": found.platforms}}));
    }
    Document { publishers, validators }
}

/// A Justfile is its owner's: a missing line is asked for, not added.
fn recipes_are_imported(files: &mut Files, notes: &mut Vec<String>) -> Result<()> {
    const NAMES: [&str; 4] = ["justfile", "Justfile", "JUSTFILE", ".justfile"];
    match NAMES.into_iter().find(|name| Path::new(name).is_file()) {
        None => files.write(Path::new("Justfile"), JUSTFILE.as_bytes()).map(drop),
        Some(name) => {
            if !common::fs::read_text(Path::new(name))?.contains("release.just") {
                notes.push(format!("add to your {name}: import 'release.just'"));
            }
            files.leave(Path::new(name));
            Ok(())
        }
    }
}

/// Returns the secrets that the enabled channels want and that are not set. Where a channel's
/// configuration names some of them, only those count: the others would do as well.
fn missing_secrets(path: &Path) -> Result<Vec<SecretWanted>> {
    let configuration = Configuration::load(Some(path))?;
    let publishers: Vec<_> =
        configuration.publishers.values().filter(|publisher| publisher.enabled).collect();
    let programs: Vec<_> =
        publishers.iter().map(|publisher| program::find(publisher, &configuration.root)).collect();
    let descriptions = describe::all(&publishers, &programs)?;
    let mut missing = Vec::new();
    for (publisher, description) in publishers.iter().zip(descriptions) {
        let written = publisher.config.variables();
        let named = |secret: &SecretWanted| written.contains(&secret.variable);
        let some = description.secrets.iter().any(named);
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        missing.extend(
            description
                .secrets
                .into_iter()
                .filter(|secret| !some || named(secret))
                .filter(|secret| !set(&secret.variable)),
        );
    }
    Ok(missing)
}

/// Says what to type next.
fn next(found: &Found) -> Vec<String> {
    let mut notes = Vec::new();
    if found.owner_from == Source::Guess {
        notes.push(format!(
            "before a real release: git remote add origin https://github.com/{}/{}.git",
            found.owner, found.repo
        ));
    }
    if !found.built {
        notes.push("then build the files of the release into `dist/`".into());
    }
    notes.push(format!("next, with no account and no network: just rehearse {}", found.tag));
    notes
}
