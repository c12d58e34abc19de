//! The command line. Knows the words and which file answers each.

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use common::cli::{Flags, Outcome, Program};
use common::config::Span;
use common::contract::Verb;

use crate::call::Extra;
use crate::{describe, init, report, rollback, schema, verb};

/// Run one verb over all enabled channels
#[derive(Debug, Parser)]
#[command(name = "channels")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

/// Which release, and which of the enabled channels.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// The release's tag
    pub(crate) tag: String,
    /// Only these channels
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// All but these channels
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say everything that would make the release fail; change nothing
    Check(Asked),
    /// Upload or prepare all that users are not served yet
    Stage(Asked),
    /// Make the version available under its own name, once every channel is staged
    Publish(Asked),
    /// Move what "the newest" means to this version
    Promote {
        #[command(flatten)]
        asked: Asked,
        /// Also below a higher version
        #[arg(long)]
        allow_lower: bool,
    },
    /// Fetch everything from where users fetch it and compare
    Verify {
        #[command(flatten)]
        asked: Asked,
        /// Wait for indexes that are slow
        #[arg(long, value_name = "LIMIT", num_args = 0..=1, require_equals = true)]
        #[expect(clippy::option_option, reason = "clap's form of a flag with an optional value")]
        wait: Option<Option<Span>>,
        /// Also install with each channel's own client
        #[arg(long)]
        install: bool,
    },
    /// Say how each channel stands
    Status(Asked),
    /// Undo what the channels allow, and say what they do not
    Rollback {
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        wish: rollback::Wish,
    },
    /// Show what all verbs so far came to
    Report {
        /// The release's tag
        tag: String,
    },
    /// Write a first configuration from what is found in this folder
    Init(init::Options),
    /// Print the JSON Schema of distribution.json
    Schema,
    /// Show the channels, their programs and what these say of themselves
    Describe,
}

impl Program for Arguments {
    fn flags(&self) -> &Flags {
        &self.flags
    }

    fn verb(&self) -> String {
        let word = match &self.command {
            Command::Check(_) => Verb::Check.word(),
            Command::Stage(_) => Verb::Stage.word(),
            Command::Publish(_) => Verb::Publish.word(),
            Command::Promote { .. } => Verb::Promote.word(),
            Command::Verify { .. } => Verb::Verify.word(),
            Command::Status(_) => Verb::Status.word(),
            Command::Rollback { .. } => Verb::Rollback.word(),
            Command::Report { .. } => "report",
            Command::Init(_) => "init",
            Command::Schema => "schema",
            Command::Describe => Verb::Describe.word(),
        };
        word.into()
    }

    fn run(self, outcome: &mut Outcome) -> Result<()> {
        let flags = &self.flags;
        let plain = Extra::default();
        match self.command {
            Command::Check(asked) => verb::run(Verb::Check, &asked, plain, flags, outcome),
            Command::Stage(asked) => verb::run(Verb::Stage, &asked, plain, flags, outcome),
            Command::Publish(asked) => verb::run(Verb::Publish, &asked, plain, flags, outcome),
            Command::Promote { asked, allow_lower } => {
                let extra = Extra::promote(allow_lower);
                verb::run(Verb::Promote, &asked, extra, flags, outcome)
            }
            Command::Verify { asked, wait, install } => {
                let extra = Extra::verify(wait, install);
                verb::run(Verb::Verify, &asked, extra, flags, outcome)
            }
            Command::Status(asked) => verb::run(Verb::Status, &asked, plain, flags, outcome),
            Command::Rollback { asked, wish } => rollback::run(&asked, &wish, flags, outcome),
            Command::Report { tag } => report::print(&tag, flags, outcome),
            Command::Init(options) => init::run(&options, flags, outcome),
            Command::Schema => schema::print(flags, outcome),
            Command::Describe => describe::print(flags, outcome),
        }
    }
}
