//! The end of a verb: the one document, the text worth piping, the report, and the exit code.

use std::time::Instant;

use anyhow::Result;
use common::cli::Outcome;
use common::console;
use common::contract::{State, Verb};
use common::error::{self, Failure};
use common::report::{Document, ErrorReport, Finding, Item, Status, Step, Verdict, Visible};
use serde::Serialize;

use crate::call::Call;
use crate::document::Ended;
use crate::fleet::Fleet;
use crate::report;
use crate::session::{Results, Session};
use crate::span::round;
use crate::{again, told};

/// One verb asked of all channels. `publish` has two phases: it stages first.
#[derive(Debug)]
pub(crate) struct Phase {
    /// What was asked.
    pub(crate) verb: Verb,
    /// How long it took over all.
    pub(crate) seconds: f64,
    /// What came of it.
    pub(crate) results: Results,
}

impl Phase {
    /// Ends a phase now.
    pub(crate) fn new(verb: Verb, begun: Instant, results: Results) -> Self {
        Self { verb, seconds: begun.elapsed().as_secs_f64(), results }
    }

    /// Returns the worst exit code; that of an optional channel does not count.
    pub(crate) fn code(&self, fleet: &Fleet) -> u8 {
        error::worst(self.failed(fleet).map(|(_, ended)| ended.code))
    }

    /// Returns the required channels that failed.
    fn failed<'a>(&'a self, fleet: &'a Fleet) -> impl Iterator<Item = (&'a str, &'a Ended)> {
        let optional =
            |name: &str| fleet.find(name).is_some_and(|channel| channel.publisher.optional);
        self.results
            .iter()
            .filter(move |(name, ended)| !ended.is_good() && !optional(name))
            .map(|(name, ended)| (name.as_str(), ended))
    }

    /// Returns the span from the first visible effect to the last.
    pub(crate) fn visible(&self) -> Option<Visible> {
        self.results
            .values()
            .filter(|ended| ended.document.state != Some(State::Pending))
            .fold(None, |span, ended| Visible::join(span, ended.document.visible.clone()))
    }
}

/// The document of `--json`: that of every program, with one part for each channel.
#[derive(Debug, Serialize)]
struct Whole<'a> {
    schema: u32,
    tool: &'a str,
    version: &'a str,
    verb: &'a str,
    tag: &'a str,
    dry_run: bool,
    status: Status,
    channels: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visible: Option<Visible>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
}

/// What one channel's program was asked last and what it answered.
#[derive(Debug, Serialize)]
struct Part<'a> {
    name: &'a str,
    tool: &'a str,
    verb: Verb,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    code: u8,
    seconds: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    steps: &'a [Step],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    items: &'a [Item],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    verdicts: &'a [Verdict],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    visible: Option<&'a Visible>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorReport>,
}

impl<'a> Part<'a> {
    fn new(name: &'a str, verb: Verb, ended: &'a Ended) -> Self {
        let Document {
            tool,
            status,
            state,
            url,
            steps,
            items,
            findings,
            verdicts,
            notes,
            visible,
            error,
            ..
        } = &ended.document;
        Self {
            name,
            tool,
            verb,
            status: *status,
            state: *state,
            url: url.as_deref(),
            code: ended.code,
            seconds: round(ended.seconds),
            steps,
            items,
            findings,
            verdicts,
            notes,
            visible: visible.as_ref(),
            error: error.as_ref(),
        }
    }
}

/// Ends a verb that was asked in `phases`; the last of them is what it came to.
pub(crate) fn end(
    session: &Session,
    call: &Call,
    phases: &[Phase],
    outcome: &mut Outcome,
) -> Result<()> {
    session.display.close();
    let Some(last) = phases.last() else { return Ok(()) };
    if !call.dry_run {
        report::record(call, phases);
    }
    let failure = failure(session, call, last);
    outcome.document.status = match &failure {
        Some(_) => Status::Failed,
        None => whole_status(call, phases),
    };
    outcome.text = told::text(call, last);
    if call.verbosity != console::Verbosity::Quiet {
        console::lines(&told::report(session, call, last));
    }
    let result = failure.map_or(Ok(()), |failure| Err(failure.into()));
    let whole = Whole {
        schema: outcome.document.schema,
        tool: &outcome.document.tool,
        version: &outcome.document.version,
        verb: call.verb.word(),
        tag: call.tag.name(),
        dry_run: call.dry_run,
        status: outcome.document.status,
        channels: last
            .results
            .iter()
            .map(|(name, ended)| Part::new(name, last.verb, ended))
            .collect(),
        visible: last.visible(),
        error: result.as_ref().err().map(ErrorReport::new),
    };
    outcome.instead = Some(serde_json::to_string(&whole)?);
    result
}

fn whole_status(call: &Call, phases: &[Phase]) -> Status {
    let mut all =
        phases.iter().flat_map(|phase| phase.results.values()).map(|ended| ended.document.status);
    match () {
        () if call.dry_run => Status::Planned,
        () if all.all(|status| status == Status::Unchanged) => Status::Unchanged,
        () => Status::Done,
    }
}

/// Makes the failure of the whole out of those of the required channels.
fn failure(session: &Session, call: &Call, last: &Phase) -> Option<Failure> {
    let again = again::command();
    if session.children.interrupted() {
        // What a person stopped may be done by the very same command: 75, the code that callers may repeat.
        let message = format!("{} {} was interrupted", call.verb.word(), call.tag);
        return Some(Failure::temporary(message).hint(format!("to go on from there: {again}")));
    }
    let code = last.code(&session.fleet);
    if code == 0 {
        return None;
    }
    let names: Vec<String> =
        last.failed(&session.fleet).map(|(name, _)| format!("`{name}`")).collect();
    let names = names.join(", ");
    let tag = &call.tag;
    let message = match (call.verb, last.verb) {
        (Verb::Publish, Verb::Stage) => {
            format!("nothing was published: {names} could not be staged")
        }
        (Verb::Check, _) => format!("the release of {tag} would fail on {names}"),
        (Verb::Status, _) => format!("{tag} is not published on {names}"),
        (Verb::Verify, _) => format!("{tag} is not as it should be on {names}"),
        (verb, _) => format!("{} {tag} did not succeed on {names}", verb.word()),
    };
    Some(match code {
        2 => Failure::usage(message),
        3 => Failure::no(message),
        75 => Failure::temporary(message).hint(format!("the same may succeed later: {again}")),
        _ => Failure::refused(message).hint(format!("correct what is said above, then: {again}")),
    })
}
