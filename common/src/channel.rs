//! The trait that a channel tool implements, and what it is given to work with.
//! The verbs are driven by `drive`; a tool's `main` is [`main`]. Knows no particular channel.

mod arguments;
mod drive;
mod main;
mod release;
mod run;
mod verify;

use std::fmt::{Debug, Display};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::{SecretWanted, StageKind, State, Verb};
use crate::http;
use crate::report::{Finding, Verdict};
use crate::retry::Budget;
use crate::tag::Tag;

pub use main::main;
pub use release::Release;
pub use run::Run;

/// What is to hold in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// All that can be done invisibly is done.
    Staged,
    /// The version is available under its own name.
    Published,
    /// It is what "the newest" means.
    Promoted {
        /// Whether it may take the place of a higher version.
        allow_lower: bool,
    },
    /// It is no more, as far as the channel allows.
    RolledBack {
        /// The version that "the newest" goes back to; the one before where absent.
        to: Option<Tag>,
        /// Whether what can be deleted is deleted.
        delete: bool,
    },
}

/// What would have to be done, in order, to reach a goal. No steps: it is reached.
#[derive(Debug)]
pub struct Plan<S> {
    /// What to do.
    pub steps: Vec<S>,
    /// Sentences for a person: what is left to do by hand, what the channel does not allow.
    pub notes: Vec<String>,
    /// Why nothing is to be done at all, such as a pre-release that moves no pointer.
    pub skipped: Option<String>,
}

impl<S> Plan<S> {
    /// Makes a plan of steps alone.
    pub fn of(steps: Vec<S>) -> Self {
        Self { steps, notes: Vec::new(), skipped: None }
    }

    /// Makes the plan of a channel that is left as it is, and says why.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self { steps: Vec::new(), notes: Vec::new(), skipped: Some(reason.into()) }
    }
}

/// What a tool says of itself; the rest of `describe` follows from its types.
#[derive(Debug)]
pub struct Contract {
    /// The program's name.
    pub tool: &'static str,
    /// The first line of `--help`.
    pub about: &'static str,
    /// Its key under `publishers`.
    pub channel: &'static str,
    /// The verbs it has beside those that all have: `restore` where it can.
    pub restores: bool,
    /// How far `stage` goes.
    pub stage: StageKind,
    /// Its wave where the configuration names none.
    pub priority: i32,
    /// The channels that must be published before it.
    pub needs: &'static [&'static str],
    /// The secrets it may read from the environment: variable, purpose, where to make one.
    pub secrets: &'static [(&'static str, &'static str, &'static str)],
    /// Other environment variables it reads.
    pub variables: &'static [&'static str],
}

impl Contract {
    /// Returns the verbs it has.
    fn verbs(&self) -> Vec<Verb> {
        use Verb::{Check, Describe, Promote, Publish, Restore, Rollback, Stage, Status, Verify};
        let mut verbs = vec![Check, Stage, Publish, Promote, Verify, Status, Rollback];
        verbs.extend(self.restores.then_some(Restore));
        verbs.push(Describe);
        verbs
    }

    fn secrets(&self) -> Vec<SecretWanted> {
        let wanted = |&(variable, purpose, made_at): &(&str, &str, &str)| SecretWanted {
            variable: variable.into(),
            purpose: purpose.into(),
            made_at: made_at.into(),
        };
        self.secrets.iter().map(wanted).collect()
    }
}

/// One place users install from. Everything but `look`, `apply`, `verify` and `restore` is pure.
pub trait Channel: Sized + Sync {
    /// What the tool says of itself.
    const CONTRACT: Contract;
    /// `publishers.<name>.config`: one type for the file, the flags and the schema.
    type Config: clap::Args + Serialize + DeserializeOwned + JsonSchema;
    /// `validators.<name>.config`.
    type Rules: DeserializeOwned + JsonSchema;
    /// What `look` saw. `apply` keeps it true.
    type Remote: Debug;
    /// One effect, as data: what a dry run prints is what `apply` gets.
    type Step: Display + Serialize;

    /// Makes the channel from its settings. Reads no secret and asks nobody.
    fn open(config: Self::Config, context: Context) -> Result<Self>;

    /// Reads the remote state. What the channel refuses to show is part of what was seen.
    fn look(&self, release: &Release, run: &Run) -> Result<Self::Remote>;

    /// Says how the channel stands.
    fn state(&self, release: &Release, remote: &Self::Remote) -> State;

    /// Says everything that would make the release fail.
    fn findings(
        &self,
        release: &Release,
        remote: &Self::Remote,
        rules: &Self::Rules,
    ) -> Vec<Finding>;

    /// Decides what is missing.
    ///
    /// # Errors
    /// Refused, when the goal cannot or must not be reached from here.
    fn plan(
        &self,
        goal: &Goal,
        release: &Release,
        remote: &Self::Remote,
    ) -> Result<Plan<Self::Step>>;

    /// Does one step, records what it made with [`Run::record`], and keeps `remote` true.
    fn apply(
        &self,
        step: &Self::Step,
        remote: &mut Self::Remote,
        release: &Release,
        run: &Run,
    ) -> Result<()>;

    /// Fetches what users fetch, as they fetch it, and compares.
    fn verify(&self, release: &Release, run: &Run) -> Result<Vec<Verdict>>;

    /// Returns where the version can be found: the one value worth piping.
    fn location(&self, release: &Release, remote: &Self::Remote) -> Option<String>;

    /// Brings manifest and artifacts of a release back into `dist`, for tools that say so.
    fn restore(&self, release: &Release, _run: &Run) -> Result<()> {
        Err(crate::error::Failure::usage(format!(
            "`{}` cannot restore {}",
            Self::CONTRACT.tool,
            release.tag
        ))
        .into())
    }
}

/// Where and under which limits a tool works.
#[derive(Clone, Debug)]
pub struct Context {
    /// The channel's name in the configuration.
    pub channel: String,
    /// The configuration file; absent where there is none.
    pub config: Option<PathBuf>,
    /// The folder that paths of the configuration are relative to.
    pub root: PathBuf,
    /// The folder of built files.
    pub dist: PathBuf,
    /// How tags are written.
    pub tag_pattern: Option<String>,
    /// Bounds one request that makes no progress.
    pub timeout: Duration,
    /// The one budget of attempts and time.
    pub budget: Arc<Budget>,
}

impl Context {
    /// Opens the client for this channel; urls handed out by a server must lie in `hosts`.
    pub fn client(
        &self,
        contract: &Contract,
        connections: usize,
        hosts: Vec<String>,
    ) -> Result<http::Client> {
        http::Client::new(http::Settings {
            tool: contract.tool.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            timeout: self.timeout,
            connections,
            budget: Arc::clone(&self.budget),
            hosts,
        })
    }
}
