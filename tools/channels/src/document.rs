//! What one program answered: its document completed with what is known here, or one made in its
//! place. Pure.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use common::contract::State;
use common::error::{self, Kind};
use common::report::{self, Document, ErrorReport, Status};
use common::{secret, terminal};
use serde_json::{Value, json};

use crate::call::Call;
use crate::fleet::Channel;

/// What one call of one program came to.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// Its document.
    pub(crate) document: Document,
    /// Its exit code, one of the five.
    pub(crate) code: u8,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Whether it said anything for people on the way.
    pub(crate) talked: bool,
}

impl Ended {
    /// Tells whether what was asked holds.
    pub(crate) fn is_good(&self) -> bool {
        self.code == 0
    }
}

/// Reads what a program printed on stdout. A short document of a simple program is completed:
/// `{"status": "done"}` is enough.
pub(crate) fn read(
    channel: &Channel,
    call: &Call,
    stdout: &[u8],
    lines: &[String],
    status: ExitStatus,
) -> Ended {
    // A signal and an unknown code count as refused.
    let code = status.code().map_or(1, |code| error::worst([u8::try_from(code).unwrap_or(1)]));
    let ended_with = ended_with(channel, call, status);
    match complete(channel, call, stdout) {
        Ok(mut document) => {
            // A document that says failed is believed, whatever the code; and the other way round.
            let code = if document.status == Status::Failed { code.max(1) } else { code };
            if code != 0 {
                document.status = Status::Failed;
                if document.error.is_none() {
                    document.error =
                        failed(channel, call, kind(code), &ended_with, lines).document.error;
                }
            }
            Ended { document, code, seconds: 0.0, talked: false }
        }
        Err(reason) => {
            let message = format!("{ended_with} and printed no document: {reason}");
            failed(channel, call, kind(code.max(1)), &message, lines)
        }
    }
}

/// Makes the answer of a program that could not be found.
pub(crate) fn refused(channel: &Channel, call: &Call, failure: &anyhow::Error) -> Ended {
    let mut ended = failed(channel, call, error::kind(failure), "", &[]);
    ended.document.error = Some(ErrorReport::new(failure));
    ended
}

/// Makes the answer of a program that could not be started.
pub(crate) fn not_started(channel: &Channel, call: &Call, error: &std::io::Error) -> Ended {
    let message = format!("failed to start `{}`: {error}", channel.shown_program());
    failed(channel, call, Kind::Refused, &message, &[])
}

/// Makes the answer of a program that did not end in time.
pub(crate) fn overdue(channel: &Channel, call: &Call, limit: Duration) -> Ended {
    let message =
        format!("{} did not end within {} s and was ended", name(channel, call), limit.as_secs());
    failed(channel, call, Kind::Temporary, &message, &[])
}

/// Makes the answer of a program that was ended because this one was interrupted.
pub(crate) fn interrupted(channel: &Channel, call: &Call) -> Ended {
    let message = format!("{} was interrupted", name(channel, call));
    failed(channel, call, Kind::Temporary, &message, &[])
}

/// Makes the answer of a program that was not begun any more.
pub(crate) fn not_begun(channel: &Channel, call: &Call) -> Ended {
    failed(channel, call, Kind::Temporary, "not begun: interrupted", &[])
}

/// Makes the answer of a channel that was not asked, because of `code` elsewhere.
pub(crate) fn held_back(channel: &Channel, call: &Call, code: u8, reason: &str) -> Ended {
    let mut ended = failed(channel, call, kind(code), reason, &[]);
    ended.document.state = Some(State::Skipped);
    ended
}

/// Makes the answer of a channel that is left out on purpose.
pub(crate) fn left_out(channel: &Channel, call: &Call, reason: String) -> Ended {
    let mut document = blank(channel, call);
    document.status = Status::Unchanged;
    document.state = Some(State::Skipped);
    document.notes.push(reason);
    good(document)
}

fn good(document: Document) -> Ended {
    Ended { document, code: 0, seconds: 0.0, talked: false }
}

fn failed(channel: &Channel, call: &Call, kind: Kind, message: &str, lines: &[String]) -> Ended {
    let mut document = blank(channel, call);
    document.status = Status::Failed;
    let clean = |text: &str| terminal::safe_line(&secret::redact(text), 1_000);
    document.error = Some(ErrorReport {
        kind: kind.word().into(),
        message: clean(message),
        causes: lines.iter().map(|line| clean(line)).filter(|line| !line.is_empty()).collect(),
        hint: None,
    });
    Ended { document, code: kind.code(), seconds: 0.0, talked: false }
}

fn blank(channel: &Channel, call: &Call) -> Document {
    serde_json::from_value(known(channel, call)).expect("every required key is there")
}

/// What is known of an answer before it is given.
fn known(channel: &Channel, call: &Call) -> Value {
    json!({
        "schema": report::SCHEMA,
        "tool": channel.description.tool,
        "version": channel.description.version,
        "verb": call.verb,
        "tag": call.tag.name(),
        "channel": channel.name(),
        "dry_run": call.dry_run,
        "status": Status::Failed,
    })
}

fn complete(channel: &Channel, call: &Call, stdout: &[u8]) -> Result<Document, String> {
    let text = std::str::from_utf8(stdout).map_err(|_| "it is not UTF-8".to_owned())?;
    if text.trim().is_empty() {
        return Err("stdout is empty".into());
    }
    let said: Value = serde_json::from_str(text)
        .map_err(|error| format!("stdout is not one JSON document: {error}"))?;
    if said.get("status").is_none() {
        return Err("it has no `status`".into());
    }
    if said.get("schema").is_some_and(|schema| *schema != report::SCHEMA) {
        return Err(format!(
            "its schema is {}, this program reads {}",
            said["schema"],
            report::SCHEMA
        ));
    }
    let mut value = known(channel, call);
    common::json::overlay(&mut value, said);
    let mut document: Document =
        serde_json::from_value(value).map_err(|error| error.to_string())?;
    // The channel's name is ours to give: one program may stand for several.
    document.channel = Some(channel.name().into());
    Ok(document)
}

fn kind(code: u8) -> Kind {
    match code {
        2 => Kind::Usage,
        3 => Kind::No,
        75 => Kind::Temporary,
        _ => Kind::Refused,
    }
}

fn name(channel: &Channel, call: &Call) -> String {
    format!("`{} {}`", channel.shown_program(), call.verb.word())
}

fn ended_with(channel: &Channel, call: &Call, status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("{} ended with exit code {code}", name(channel, call)),
        (None, Some(signal)) => format!("{} was ended by signal {signal}", name(channel, call)),
        (None, None) => format!("{} ended: {status}", name(channel, call)),
    }
}
