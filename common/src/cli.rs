//! From `main` into a program and out: parse, run, print, exit code; the shared flags.
//! For programs that are no channel; `channel::main` does the same for those that are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser};

use crate::console::{self, Verbosity};
use crate::contract::State;
use crate::error::{self, EXIT_CODES, Kind};
use crate::report::{self, Document, ErrorReport, Status};

/// The flags that every program has.
#[derive(Clone, Debug, Args)]
pub struct Flags {
    /// The configuration [default: $DISTRIBUTION_CONFIG, else distribution.json]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The folder of built files
    #[arg(
        long,
        value_name = "DIR",
        default_value = "dist",
        env = "LANDFALL_DIST",
        hide_env_values = true,
        global = true
    )]
    pub dist: PathBuf,
    /// Decide everything, change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Print one JSON document on stdout, also on failure
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

impl Flags {
    /// Returns how much is to be said.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// A program that is no channel.
pub trait Program: Parser {
    /// Returns the shared flags.
    fn flags(&self) -> &Flags;
    /// Returns what it was asked, for the document.
    fn verb(&self) -> String;
    /// Does it. What is worth piping goes into `outcome.text`.
    fn run(self, outcome: &mut Outcome) -> Result<()>;
}

/// What a program has to say on stdout, filled while it runs, so that a failure loses nothing.
#[derive(Debug)]
pub struct Outcome {
    /// The document printed with `--json`.
    pub document: Document,
    /// The plain text printed without it.
    pub text: String,
    /// A document of the program's own that is printed instead, such as a JSON Schema.
    pub instead: Option<String>,
}

impl Outcome {
    /// Starts the outcome of `verb`.
    pub fn new(tool: &str, verb: &str, dry_run: bool) -> Self {
        Self {
            document: Document {
                schema: report::SCHEMA,
                tool: tool.into(),
                version: env!("CARGO_PKG_VERSION").into(),
                verb: verb.into(),
                tag: None,
                channel: None,
                dry_run,
                status: Status::Done,
                state: None::<State>,
                url: None,
                steps: Vec::new(),
                items: Vec::new(),
                findings: Vec::new(),
                verdicts: Vec::new(),
                notes: Vec::new(),
                visible: None,
                error: None,
            },
            text: String::new(),
            instead: None,
        }
    }

    /// Prints the document or the text, then the error, and returns the exit code.
    pub fn end(mut self, result: &Result<()>, json: bool) -> ExitCode {
        let code = match result {
            Ok(()) => 0,
            Err(failure) => {
                self.document.status = Status::Failed;
                self.document.error = Some(ErrorReport::new(failure));
                error::kind(failure).code()
            }
        };
        if json {
            let line = self.instead.take().unwrap_or_else(|| {
                serde_json::to_string(&self.document).expect("documents have string keys only")
            });
            report::print(&line);
        } else {
            report::print(&self.text);
        }
        if let Err(failure) = result {
            console::fail(failure);
        }
        ExitCode::from(code)
    }
}

/// Parses the command line by `command`. On failure everything has been said, `--help` and
/// `--version` included, and the exit code is what is left to return.
pub fn matches(command: clap::Command) -> Result<clap::ArgMatches, ExitCode> {
    let tool = command.get_name().to_owned();
    let command = command.version(env!("CARGO_PKG_VERSION")).disable_help_subcommand(true);
    command.try_get_matches().map_err(|error| {
        let _ = error.print();
        if !error.use_stderr() {
            return ExitCode::SUCCESS;
        }
        // `--json` promises exactly one document, also for a wrong command line.
        if std::env::args_os().any(|argument| argument == "--json") {
            let mut outcome = Outcome::new(&tool, "", false);
            outcome.document.status = Status::Failed;
            outcome.document.error = Some(ErrorReport {
                kind: Kind::Usage.word().into(),
                message: error.to_string().lines().next().unwrap_or_default().into(),
                causes: Vec::new(),
                hint: Some(format!("{tool} --help")),
            });
            report::print(&serde_json::to_string(&outcome.document).unwrap_or_default());
        }
        ExitCode::from(Kind::Usage.code())
    })
}

/// The whole `main` of a program that is no channel.
pub fn main<P: Program>() -> ExitCode {
    let matches = match matches(P::command().after_help(EXIT_CODES)) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let program = match P::from_arg_matches(&matches) {
        Ok(program) => program,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(Kind::Usage.code());
        }
    };
    let name = P::command().get_name().to_owned();
    let flags = program.flags().clone();
    console::open(&name, flags.verbosity());
    let mut outcome = Outcome::new(&name, &program.verb(), flags.dry_run);
    let result = program.run(&mut outcome);
    outcome.end(&result, flags.json)
}
