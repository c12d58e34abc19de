//! `checksum restore`: manifest and artifacts back from where the release was staged or published.
//! Asks the channel tools by their contract, so it speaks to no network and knows no channel itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use common::cli::{Flags, Outcome};
use common::config::{self, Configuration, KNOWN, Publisher};
use common::contract::{Description, Verb};
use common::error::{self, Failure, Kind};
use common::manifest::{self, Frozen};
use common::report::{Document, Item, Status, Step};
use common::sh::{self, Shell};
use common::tag::Tag;
use common::{console, fs, lock};

use crate::{frozen, place, pool};

/// A description is printed at once; a download may take as long as it moves.
const DESCRIBE: Duration = Duration::from_secs(30);
const DOWNLOAD: Duration = Duration::from_secs(6 * 3600);

/// What every child gets; the rest of the environment may hold the secrets of other channels.
const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "TZ",
    "NO_COLOR",
    "CI",
    "XDG_CONFIG_HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "DISTRIBUTION_CONFIG",
    "LANDFALL_OVERLAY",
];

/// What `restore` is asked.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The release's tag, such as v1.2.3
    pub tag: String,
}

/// A channel whose tool can restore.
struct Source {
    publisher: Publisher,
    program: PathBuf,
    description: Description,
}

impl Restore {
    /// Asks one channel after the other until one of them has the release.
    pub(crate) fn run(&self, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
        outcome.document.tag = Some(self.tag.clone());
        let configuration = Configuration::load(flags.config.as_deref())?;
        let tag = Tag::parse(&self.tag, configuration.tag_pattern.as_deref())?;
        let sources = sources(&configuration);
        if sources.is_empty() {
            return Err(Failure::refused("no enabled channel can restore a release")
                .hint("enable `github` in distribution.json")
                .into());
        }
        if flags.dry_run {
            for source in &sources {
                let text = format!("would ask `{}` for {tag}", source.publisher.name);
                console::note(&text);
                outcome.document.steps.push(Step { step: text.clone().into(), text });
            }
            outcome.document.status = Status::Planned;
            return Ok(());
        }
        let dist = &flags.dist;
        let _lock = lock::take(dist, "checksum", lock::PATIENCE)?;
        let mut failures = Vec::new();
        for source in &sources {
            // Beside its goal, so that what arrived can be linked; hidden, so that nobody lists it.
            let landing = tempfile::Builder::new()
                .prefix(".restore-")
                .tempdir_in(dist)
                .with_context(|| format!("failed to make a folder in `{}`", dist.display()))?;
            match source.fetch(tag.name(), &configuration, landing.path()) {
                Ok(()) => return settle(landing.path(), dist, &tag, outcome),
                Err(failure) => {
                    console::warn(&format!(
                        "`{}` has nothing to restore: {failure:#}",
                        source.publisher.name
                    ));
                    failures.push(failure);
                }
            }
        }
        // A channel that could not answer now may have it later: that decides the exit code.
        let temporary = failures.iter().any(|failure| error::kind(failure) == Kind::Temporary);
        let message = format!("failed to restore {tag}: no channel gave it back");
        let failure =
            if temporary { Failure::temporary(message) } else { Failure::refused(message) };
        Err(match failures.into_iter().next() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
        .into())
    }
}

/// Finds the channels in order of priority, then of name. Without any in the configuration, GitHub is tried.
fn sources(configuration: &Configuration) -> Vec<Source> {
    let mut publishers: Vec<Publisher> =
        configuration.publishers.values().filter(|publisher| publisher.enabled).cloned().collect();
    if configuration.publishers.is_empty() {
        let (name, tool) = KNOWN[0];
        publishers.push(configuration.publisher(name, tool));
    }
    let mut sources = Vec::new();
    for publisher in publishers {
        let program = program(&publisher.tool, &configuration.root);
        match describe(&program) {
            Ok(description) if description.verbs.contains(&Verb::Restore) => {
                sources.push(Source { publisher, program, description });
            }
            Ok(_) => console::detail(&format!("`{}` cannot restore", publisher.name)),
            // A channel whose tool is not installed here must not keep another one from helping.
            Err(failure) => {
                console::detail(&format!("`{}` was not asked: {failure:#}", publisher.name));
            }
        }
    }
    sources.sort_by_key(|source| {
        let priority = source.publisher.priority.unwrap_or(source.description.priority);
        (priority, source.publisher.name.clone())
    });
    sources
}

/// Finds a tool: a path from the configuration's folder, a sibling of this program, else by PATH.
fn program(tool: &str, root: &Path) -> PathBuf {
    if tool.contains('/') {
        return root.join(tool);
    }
    sh::sibling(tool)
}

/// Returns a shell whose children see no more of the environment than they need.
fn shell(variables: &[String]) -> Result<(Shell, Vec<(String, std::ffi::OsString)>)> {
    let names = ENVIRONMENT.iter().map(|name| (*name).to_owned()).chain(variables.iter().cloned());
    let environment =
        names.filter_map(|name| std::env::var_os(&name).map(|value| (name, value))).collect();
    Ok((sh::shell_in(Path::new("."))?, environment))
}

fn describe(program: &Path) -> Result<Description> {
    let (shell, environment) = shell(&[])?;
    let command = shell.cmd(program).env_clear().envs(environment).args(["describe", "--json"]);
    let text = sh::read(command, DESCRIBE)?;
    serde_json::from_str(&text)
        .with_context(|| format!("failed to understand the description of `{}`", program.display()))
}

impl Source {
    /// Has the tool put manifest and artifacts into an empty folder.
    fn fetch(&self, tag: &str, configuration: &Configuration, landing: &Path) -> Result<()> {
        let mut variables: Vec<String> =
            self.description.secrets.iter().map(|secret| secret.variable.clone()).collect();
        variables.extend(self.description.variables.iter().cloned());
        variables.extend(self.publisher.config.variables());
        let overlay = config::overlay(&self.description.tool)?;
        variables.extend(overlay.iter().flat_map(|over| config::variables(&over.to_string())));
        let (shell, environment) = shell(&variables)?;
        let mut command = shell
            .cmd(&self.program)
            .env_clear()
            .envs(environment)
            .args(["restore", tag, "--json", "--channel", &self.publisher.name])
            .arg("--dist")
            .arg(landing);
        if let Some(path) = &configuration.path {
            command = command.arg("--config").arg(path);
        }
        console::note(&format!("asking `{}` for {tag}", self.publisher.name));
        let output = sh::output(command, DOWNLOAD)?;
        if output.status.success() {
            return Ok(());
        }
        let name = format!("{} restore", self.description.tool);
        let document: Option<Document> = serde_json::from_slice(&output.stdout).ok();
        let message = match document.and_then(|document| document.error) {
            Some(error) => error.message,
            None => sh::failed(&name, &output).to_string(),
        };
        Err(match output.status.code() {
            Some(75) => Failure::temporary(message),
            _ => Failure::refused(message),
        }
        .into())
    }
}

/// Checks what arrived byte for byte and moves it into `dist`, over nothing that differs.
fn settle(landing: &Path, dist: &Path, tag: &Tag, outcome: &mut Outcome) -> Result<()> {
    let Frozen { manifest, .. } = manifest::load(landing)?.ok_or_else(|| {
        Failure::refused("the channel's tool succeeded without giving a manifest back")
    })?;
    if manifest.tag != tag.name() {
        return Err(Failure::refused(format!(
            "the manifest that came back is of {}, not of {tag}",
            manifest.tag
        ))
        .into());
    }
    let path = dist.join(manifest::FILE);
    let there = manifest::load(dist)?;
    if let Some(there) = &there
        && there.manifest != manifest
    {
        return Err(frozen::refusal(&path, &there.manifest, &manifest).into());
    }
    // A tool may lay files out by name or by path: both are found.
    let source = |artifact: &manifest::Artifact| {
        let by_path = artifact.file(landing);
        if by_path.exists() { by_path } else { landing.join(&artifact.name) }
    };
    let files: Vec<PathBuf> = manifest.artifacts.iter().map(source).collect();
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let mut refusals = Vec::new();
    for (artifact, digests) in
        manifest.artifacts.iter().zip(pool::hash(&paths, common::digest::Algorithm::Sha256))
    {
        match digests {
            Err(failure) => {
                refusals.push(format!("`{}` did not come back: {failure:#}", artifact.name));
            }
            Ok(found) if found.sha256 != artifact.sha256 => refusals.push(format!(
                "`{}` came back with sha256 {}, the manifest says {}",
                artifact.name, found.sha256, artifact.sha256
            )),
            Ok(_) => {}
        }
        if !place::is_free(&artifact.file(dist), &artifact.sha256)? {
            refusals.push(format!("`{}` is there with other bytes", artifact.file(dist).display()));
        }
    }
    crate::freeze::refuse_all(outcome, &format!("restore {tag}"), &refusals)?;
    for (artifact, file) in manifest.artifacts.iter().zip(&files) {
        let action = place::place(file, &artifact.file(dist), &artifact.sha256)?;
        let item = Item::new(&artifact.name, action).bytes(artifact.size, &artifact.sha256);
        outcome.document.items.push(item);
    }
    // Its very bytes: their digest is what the staged release is known by.
    let changed = match there {
        Some(_) => false,
        None => fs::replace_if_changed(&path, &fs::read(&landing.join(manifest::FILE))?)?,
    };
    let created =
        outcome.document.items.iter().any(|item| item.action == common::report::Action::Created);
    outcome.document.status = if changed || created { Status::Done } else { Status::Unchanged };
    outcome.text = path.display().to_string();
    console::note(&format!(
        "{} files of {tag} are in `{}`",
        manifest.artifacts.len(),
        dist.display()
    ));
    Ok(())
}
