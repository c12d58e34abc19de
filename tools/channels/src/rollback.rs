//! `channels rollback`: the reverse of a release, wave by wave, after a person said yes.

use std::io::{BufRead, IsTerminal};
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use common::cli::{Flags, Outcome};
use common::console;
use common::contract::Verb;
use common::error::Failure;

use crate::arguments::Asked;
use crate::call::{Call, Extra};
use crate::document;
use crate::free;
use crate::outcome::{self, Phase};
use crate::session::Session;
use crate::verb;

/// What is to be undone, and how far.
#[derive(Debug, Args)]
pub(crate) struct Wish {
    /// Say what would be done, and do nothing
    #[arg(long)]
    plan: bool,
    /// The version to go back to
    #[arg(long, value_name = "OLDER")]
    to: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Delete what can be deleted
    #[arg(long)]
    delete: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl Wish {
    fn extra(&self) -> Extra {
        let mut flags = Vec::new();
        for (flag, value) in [("--to", &self.to), ("--reason", &self.reason)] {
            // In one word: a reason may begin with a dash.
            flags.extend(value.as_ref().map(|value| format!("{flag}={value}").into()));
        }
        if self.delete {
            flags.push("--delete".into());
        }
        Extra { flags, ..Extra::default() }
    }
}

/// Rolls back what is meant, last wave first.
pub(crate) fn run(asked: &Asked, wish: &Wish, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
    let flags = Flags { dry_run: flags.dry_run || wish.plan, ..flags.clone() };
    outcome.document.dry_run = flags.dry_run;
    let (session, mut call) = verb::open(Verb::Rollback, asked, wish.extra(), &flags)?;
    outcome.document.tag = Some(call.tag.name().into());
    if !call.dry_run {
        if !wish.yes {
            ask(&session, &call)?;
        }
        // The programs have no terminal to ask at; the answer was given here.
        call.extra.flags.push("--yes".into());
    }
    let phase = in_reverse(&session, &call)?;
    free::manifest(&session, &call, &phase)?;
    outcome::end(&session, &call, &[phase], outcome)
}

fn in_reverse(session: &Session, call: &Call) -> Result<Phase> {
    let mut groups = verb::groups(&session.fleet)?;
    groups.reverse();
    let begun = Instant::now();
    let results = session.ask_in_turn(&groups, call, |channel, _| {
        session.children.interrupted().then(|| document::not_begun(channel, call))
    });
    Ok(Phase::new(Verb::Rollback, begun, results))
}

/// Shows the plan and asks the person at the terminal; elsewhere `--yes` is the answer.
fn ask(session: &Session, call: &Call) -> Result<()> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage("refusing to roll back without an answer")
            .hint(format!(
                "see what would be done: channels rollback {} --plan, then add --yes",
                call.tag
            ))
            .into());
    }
    let plan = in_reverse(session, &Call { dry_run: true, ..call.clone() })?;
    session.display.close();
    for (name, ended) in &plan.results {
        for step in &ended.document.steps {
            console::note(&format!("`{name}` would {}", step.text));
        }
        for note in &ended.document.notes {
            console::note(&format!("`{name}`: {note}"));
        }
    }
    console::note("type `yes` to go on:");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(Failure::refused("nothing was changed").into()),
    }
}
