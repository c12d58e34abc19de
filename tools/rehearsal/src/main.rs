//! Runs a release against local stand-ins of every channel: no account, no network, the same programs.
//! Knows the command line only.
//!
//! ```text
//! rehearsal run [--dir DIR] [--keep] [--faults FILE] -- COMMAND...
//! rehearsal serve --dir DIR [--faults FILE]
//! ```
//! `run` passes COMMAND's output through, reports on stderr and ends with its exit code, or with 1
//! when a canary token got out. `serve` prints a line of JSON with the endpoints and ends with stdin.

mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use common::{cli, console, error};

/// Run a release against local stand-ins of every channel
#[derive(Debug, Parser)]
#[command(name = "rehearsal", after_help = error::EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run COMMAND in a closed environment, then say what it did and whether a token leaked
    #[command(after_help = error::EXIT_CODES)]
    Run(run::Arguments),
    /// Start the stand-ins and print their endpoints, until stdin ends
    #[command(after_help = error::EXIT_CODES)]
    Serve {
        /// Where their state lives
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Rules of what goes wrong, as JSON
        #[arg(long, value_name = "FILE")]
        faults: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    console::open("rehearsal", console::Verbosity::Normal);
    let code = cli::matches(Arguments::command()).map(|matches| {
        run(&matches).unwrap_or_else(|failure| {
            console::fail(&failure);
            error::kind(&failure).code()
        })
    });
    code.map_or_else(|code| code, ExitCode::from)
}

fn run(matches: &ArgMatches) -> anyhow::Result<u8> {
    match Arguments::from_arg_matches(matches)?.verb {
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Serve { dir, faults } => rehearsal::serve(&dir, faults.as_deref()).map(|()| 0),
    }
}
