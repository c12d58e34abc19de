//! `rehearsal run`: a release inside a closed room, and afterwards what it did and leaked.
//! Knows the order of things; each of them is in a file of its own.

mod canary;
mod child;
mod dist;
mod environment;
mod files;
mod git;
mod network;
mod proxy;
mod remote;
mod report;
mod repositories;
mod rewriting;
mod shadow;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use common::error::Failure;
use common::{console, fs, lock};
use rehearsal::{Options, StandIns, fault};

use canary::Canaries;
use child::Child;
use environment::{Environment, Rooms};
use network::Network;
use proxy::Proxy;
use report::Report;
use repositories::Repositories;

/// Where the stand-ins themselves keep the tokens: the one file that may hold them.
const TOKENS: &str = "canaries.json";
/// The variable that tells Landfall's programs where the built files are.
const DIST: &str = "LANDFALL_DIST";
/// How long a second rehearsal in the same folder waits for the first.
const PATIENCE: Duration = Duration::from_secs(2);

/// The command line of `rehearsal run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the state of the stand-ins lives; run again with it to go on from there
    #[arg(long, value_name = "DIR", default_value = "dist/rehearsal")]
    dir: PathBuf,
    /// Keep the home and the temporary folder of COMMAND for a look
    #[arg(long)]
    keep: bool,
    /// What goes wrong, as a JSON array of rules
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// What to run, as `just release v1.0.0`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs COMMAND and returns the exit code: its own, or 1 when a canary got out.
pub(crate) fn run(arguments: &Arguments) -> Result<u8> {
    let network = network::close()?;
    if let Network::Open(reason) = &network {
        console::warn(&format!(
            "no network namespace here, so only git and proxies are shut: {reason}"
        ));
    }
    let rules = arguments.faults.as_deref().map(fault::read).transpose()?.unwrap_or_default();
    let options = Options { rules, ..Options::default() };
    let here = std::env::current_dir().context("failed to find the current folder")?;
    let state = prepare(&arguments.dir)?;
    let _lock = lock::take(&state, "rehearsal", PATIENCE)?;
    let rooms = Rooms::make(&state)?;
    let configuration = state.join("gitconfig");
    let mut environment =
        environment::closed(&rooms, &configuration, |name| std::env::var_os(name));
    let command: Vec<String> =
        arguments.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(shadow) = shadow::prepare(&here, &state, &command, &environment)? {
        environment.insert("GIT_DIR".into(), shadow.into());
    }
    let copy = state.join("dist");
    if dist::mirror(&here.join("dist"), &copy, &state)? {
        let copy = copy.strip_prefix(&here).unwrap_or(&copy);
        environment.insert(DIST.into(), copy.into());
    }
    let git_dir = state.join("git");
    let repositories = Repositories::prepare(&here, &git_dir, &configuration, &environment)?;
    repositories.seed(&command)?;

    let stand_ins = StandIns::start(&state, options)?;
    let tokens = stand_ins.canaries().iter().map(|canary| canary.value.as_str());
    let canaries = Arc::new(Canaries::new(tokens)?);
    let proxy = Proxy::start(Arc::clone(&canaries))?;
    let environment = complete(environment, &state, &stand_ins, &proxy)?;
    let before = repositories.references()?;
    let child = Arc::new(Child::default());
    let victim = Arc::clone(&child);
    stand_ins.victim(Box::new(move || victim.kill()));
    let ended = child.run(&arguments.command, &environment, &canaries)?;

    let (after, requests) = (repositories.references()?, stand_ins.requests());
    drop(stand_ins);
    let mut folders = vec![here.as_path(), &state, rooms.temporary.path()];
    let settings = repositories.top().map(|top| top.join(".git"));
    folders.extend(settings.as_deref());
    let found = files::search(&folders, &[state.join(TOKENS)], &canaries);
    let kept = rooms.leave(arguments.keep)?;
    let report = Report {
        state: &state,
        here: &here,
        kept,
        ended,
        requests,
        before,
        after,
        found,
        attempts: proxy.attempts(),
    };
    Ok(report.tell())
}

/// Makes the folder of the state; git never sees it, wherever it is.
fn prepare(dir: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(dir).with_context(|| format!("failed to make `{}`", dir.display()))?;
    let state =
        dir.canonicalize().with_context(|| format!("failed to find `{}`", dir.display()))?;
    if state.to_str().is_none_or(|path| path.contains('\n')) {
        let message = format!("`{}` is no name that git can be given in a url", state.display());
        return Err(Failure::usage(message).hint("rehearsal run --dir DIR -- COMMAND").into());
    }
    fs::replace_if_changed(&state.join(".gitignore"), b"*\n")?;
    Ok(state)
}

/// Adds what is known once the servers listen.
fn complete(
    mut environment: Environment,
    state: &Path,
    stand_ins: &StandIns,
    proxy: &Proxy,
) -> Result<Environment> {
    let overlay = state.join("overlay.json");
    let text =
        serde_json::to_string_pretty(&stand_ins.overlay()).context("failed to write JSON")?;
    fs::replace(&overlay, format!("{text}\n").as_bytes())?;
    environment.insert("LANDFALL_OVERLAY".into(), overlay.into());
    environment.extend(environment::proxied(proxy.address));
    environment.extend(
        stand_ins.environment().into_iter().map(|(name, value)| (name.into(), value.into())),
    );
    Ok(environment)
}
