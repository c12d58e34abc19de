//! The command line of a channel tool: `TOOL [VERB] TAG`, the shared flags, and the tool's own
//! settings as flags.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, CommandFactory, FromArgMatches, Parser};

use super::Channel;
use crate::cli::Flags;
use crate::config::Span;
use crate::contract::Verb;
use crate::error::Failure;
use crate::json;

/// What a channel tool is given on its command line.
#[derive(Debug, Parser)]
pub(super) struct Arguments<C: Args> {
    /// What to do, and for which release; without a verb: check, stage, publish, promote
    #[arg(value_name = "VERB] [TAG", num_args = 0..=2)]
    words: Vec<String>,
    #[command(flatten)]
    pub(super) flags: Flags,
    /// The channel's name in the configuration
    #[arg(long, value_name = "NAME")]
    pub(super) channel: Option<String>,
    /// promote: also below a higher version
    #[arg(long)]
    pub(super) allow_lower: bool,
    /// verify: wait for indexes that are slow [default limit: 5m]
    #[arg(long, value_name = "LIMIT", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "absent, given, given with a limit")]
    wait: Option<Option<Span>>,
    /// verify: also install with the channel's own client
    #[arg(long)]
    pub(super) install: bool,
    /// rollback: say what would be done, and do nothing
    #[arg(long)]
    pub(super) plan: bool,
    /// rollback: the version to go back to
    #[arg(long, value_name = "OLDER")]
    pub(super) to: Option<String>,
    /// rollback: why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// rollback: delete what can be deleted
    #[arg(long)]
    pub(super) delete: bool,
    /// rollback: do not ask
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten, next_help_heading = "Settings (the same keys as in the configuration)")]
    pub(super) settings: C,
}

/// What the words come to: a verb, or the whole of the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// `None` stands for check, stage, publish, promote.
    pub(super) verb: Option<Verb>,
    /// Absent for `describe` only.
    pub(super) tag: Option<String>,
}

impl<C: Args> Arguments<C> {
    /// Reads the command line; on failure says how the program ends.
    pub(super) fn read<T: Channel<Config = C>>() -> Result<Self, std::process::ExitCode> {
        let contract = T::CONTRACT;
        let mut verbs = String::from("Verbs:\n");
        for verb in contract.verbs() {
            let help = <Verb as clap::ValueEnum>::to_possible_value(&verb)
                .and_then(|value| value.get_help().map(ToString::to_string))
                .unwrap_or_default();
            verbs.push_str(&format!("  {:<10}{help}\n", verb.word()));
        }
        let command = Self::command()
            .name(contract.tool)
            .about(contract.about)
            .override_usage(format!("{} [VERB] TAG [OPTIONS]", contract.tool))
            .after_help(format!("{verbs}\n{}", crate::error::EXIT_CODES));
        let matches = crate::cli::matches(command)?;
        Self::from_arg_matches(&matches).map_err(|error| {
            let _ = error.print();
            std::process::ExitCode::from(crate::error::Kind::Usage.code())
        })
    }

    /// Tells verb and tag apart.
    pub(super) fn order(&self, contract: &super::Contract) -> Result<Order> {
        let verbs = contract.verbs();
        let known = |word: &str| Verb::parse(word).filter(|verb| verbs.contains(verb));
        match self.words.as_slice() {
            [] => Err(Failure::usage("no tag was given")
                .hint(format!("{} publish v1.0.0", contract.tool))
                .into()),
            [word] => match known(word) {
                Some(Verb::Describe) => Ok(Order { verb: Some(Verb::Describe), tag: None }),
                Some(verb) => Err(Failure::usage(format!("`{word}` needs a tag"))
                    .hint(format!("{} {} v1.0.0", contract.tool, verb.word()))
                    .into()),
                None => Ok(Order { verb: None, tag: Some(word.clone()) }),
            },
            [word, tag, ..] => match known(word) {
                Some(verb) => Ok(Order { verb: Some(verb), tag: Some(tag.clone()) }),
                None => {
                    let words = verbs.iter().map(|verb| verb.word());
                    let hint = match json::nearest(word, words.clone()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("verbs are: {}", words.collect::<Vec<_>>().join(", ")),
                    };
                    Err(Failure::usage(format!("`{word}` is no verb of `{}`", contract.tool))
                        .hint(hint)
                        .into())
                }
            },
        }
    }

    /// Returns how long `verify` waits for an index; nothing where it does not.
    pub(super) fn patience(&self, configured: Option<Duration>) -> Option<Duration> {
        let limit = self.wait?.map(|span| span.0);
        Some(limit.or(configured).unwrap_or(Duration::from_secs(300)))
    }
}
