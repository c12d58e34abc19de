//! What a program is asked: the command line of the contract. Pure; starts nothing.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use common::cli::Flags;
use common::config::{Configuration, Span};
use common::console::Verbosity;
use common::contract::Verb;
use common::tag::Tag;

/// One question to one or more programs.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What is asked.
    pub(crate) verb: Verb,
    /// For which release.
    pub(crate) tag: Tag,
    /// The configuration file, where there is one.
    pub(crate) config: Option<PathBuf>,
    /// The folder of built files.
    pub(crate) dist: PathBuf,
    /// Whether nothing is to be changed.
    pub(crate) dry_run: bool,
    /// Whether stdout is for a document.
    pub(crate) json: bool,
    /// How much is said.
    pub(crate) verbosity: Verbosity,
    /// What only this verb takes.
    pub(crate) extra: Extra,
}

/// The flags that only one verb takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extra {
    /// As they are passed on.
    pub(crate) flags: Vec<OsString>,
    /// How much longer than its deadline the verb may take.
    pub(crate) patience: Duration,
}

/// How long `verify --wait` waits where nothing says it, as in the tools.
const WAIT: Duration = Duration::from_secs(300);

impl Extra {
    /// Makes the flags of `promote`.
    pub(crate) fn promote(allow_lower: bool) -> Self {
        let flags = allow_lower.then(|| "--allow-lower".into()).into_iter().collect();
        Self { flags, ..Self::default() }
    }

    /// Makes the flags of `verify`.
    #[expect(clippy::option_option, reason = "clap's form of a flag with an optional value")]
    pub(crate) fn verify(wait: Option<Option<Span>>, install: bool) -> Self {
        let mut flags = Vec::new();
        match wait {
            Some(Some(Span(limit))) => flags.push(format!("--wait={}s", limit.as_secs()).into()),
            Some(None) => flags.push("--wait".into()),
            None => {}
        }
        if install {
            flags.push("--install".into());
        }
        let patience = wait.map_or(Duration::ZERO, |limit| limit.map_or(WAIT, |limit| limit.0));
        Self { flags, patience }
    }
}

impl Call {
    /// Makes the question of one command line.
    pub(crate) fn new(
        verb: Verb,
        tag: Tag,
        configuration: &Configuration,
        flags: &Flags,
        extra: Extra,
    ) -> Self {
        Self {
            verb,
            tag,
            config: configuration.path.clone(),
            dist: flags.dist.clone(),
            dry_run: flags.dry_run,
            json: flags.json,
            verbosity: flags.verbosity(),
            extra,
        }
    }

    /// Asks something else about the same release.
    pub(crate) fn instead(&self, verb: Verb) -> Self {
        Self { verb, extra: Extra::default(), ..self.clone() }
    }

    /// Returns the arguments for the program of `channel`.
    pub(crate) fn arguments(&self, channel: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![self.verb.word().into(), self.tag.name().into()];
        if let Some(config) = &self.config {
            arguments.extend(["--config".into(), config.into()]);
        }
        arguments.extend(["--channel".into(), channel.into()]);
        arguments.extend(["--dist".into(), self.dist.clone().into(), "--json".into()]);
        if self.dry_run {
            arguments.push("--dry-run".into());
        }
        match self.verbosity {
            Verbosity::Quiet => arguments.push("--quiet".into()),
            Verbosity::Normal => {}
            Verbosity::Verbose => arguments.push("--verbose".into()),
        }
        arguments.extend(self.extra.flags.iter().cloned());
        arguments
    }
}
