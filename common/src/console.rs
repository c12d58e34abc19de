//! What a program says to people: notes, warnings, events; the only writer of stderr.
//! Everything passes the redactor. Knows nothing of documents or channels.
#![expect(clippy::print_stderr, reason = "this is the module that talks")]

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::report::Action;
use crate::{error, secret, terminal};

/// The variable by which `channels` asks a child for events instead of prose.
pub const EVENTS: &str = "LANDFALL_EVENTS";

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// What changed, and what a person should know.
    Normal,
    /// Each decision and each request.
    Verbose,
}

#[derive(Debug)]
struct Console {
    program: String,
    verbosity: Verbosity,
    events: bool,
}

static CONSOLE: OnceLock<Console> = OnceLock::new();

/// Names the program and decides once how much it says. Later calls change nothing.
pub fn open(program: &str, verbosity: Verbosity) {
    let events = std::env::var_os(EVENTS).is_some_and(|value| value == "json");
    let _ = CONSOLE.set(Console { program: program.to_owned(), verbosity, events });
}

fn console() -> &'static Console {
    CONSOLE.get_or_init(|| Console {
        program: "landfall".to_owned(),
        verbosity: Verbosity::Normal,
        events: false,
    })
}

/// Something that happened on the way, for whoever draws the display.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step begins.
    Step {
        /// Its sentence.
        text: String,
    },
    /// Bytes moved so far, over all that move now.
    Progress {
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A thing was made, changed or found.
    Item {
        /// The thing.
        name: String,
        /// What happened to it.
        action: Action,
    },
    /// A pause begins.
    Wait {
        /// Why.
        reason: String,
        /// How long, in seconds.
        seconds: f64,
    },
}

/// Says a sentence of the normal kind.
pub fn note(text: &str) {
    if console().verbosity >= Verbosity::Normal {
        say("", text);
    }
}

/// Says a sentence only where details were asked for.
pub fn detail(text: &str) {
    if console().verbosity >= Verbosity::Verbose {
        say("", text);
    }
}

/// Warns.
pub fn warn(text: &str) {
    if console().verbosity >= Verbosity::Normal {
        say("warning: ", text);
    }
}

/// Says what is wrong; unlike [`fail`] the program goes on to say more.
pub fn refuse(text: &str) {
    say("error: ", text);
}

/// Says lines under no name of ours: a table, or what a child said, named by the caller.
pub fn lines(text: &str) {
    if console().verbosity >= Verbosity::Normal {
        write_line(&terminal::safe_text(&secret::redact(text.trim_end()), 64_000));
    }
}

/// Prints an error: message, causes, hint.
pub fn fail(failure: &anyhow::Error) {
    let mut text = failure.to_string();
    for cause in failure.chain().skip(1) {
        text.push_str(&format!("\n  caused by: {cause}"));
    }
    if let Some(hint) = error::hint(failure) {
        text.push_str(&format!("\nhint: {hint}"));
    }
    say("error: ", &text);
}

/// Reports an event: a JSON line for `channels`, else a sentence (or, for progress on a
/// terminal, a line that is drawn over).
pub fn event(event: &Event) {
    if console().events {
        if let Event::Progress { done, total } = event
            && !due(*done == *total)
        {
            return;
        }
        let line = serde_json::to_string(event).expect("events have string keys only");
        // A longer line could be torn by the pipe; its reader gets a note instead.
        if line.len() < 4096 {
            write_line(&secret::redact(&line));
        }
        return;
    }
    match event {
        Event::Step { text } => note(text),
        Event::Item { name, action } => {
            let word = match action {
                Action::Created => "created",
                Action::Updated => "updated",
                Action::Unchanged => "already there:",
                Action::Removed => "removed",
            };
            note(&format!("{word} {name}"));
        }
        Event::Wait { reason, seconds } => note(&format!("waiting {seconds:.1} s: {reason}")),
        Event::Progress { done, total } => {
            if std::io::stderr().is_terminal()
                && console().verbosity >= Verbosity::Normal
                && due(done == total)
            {
                draw(*done, *total);
            }
        }
    }
}

/// At most ten progress reports a second, and always the last.
fn due(last: bool) -> bool {
    static BEFORE: Mutex<Option<Instant>> = Mutex::new(None);
    let mut before = BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let due = last || before.is_none_or(|then| then.elapsed() >= Duration::from_millis(100));
    if due {
        *before = Some(Instant::now());
    }
    due
}

fn draw(done: u64, total: u64) {
    let end = if done == total { "\r\u{1b}[K" } else { "" };
    let percent = (done * 100).checked_div(total).unwrap_or(100);
    eprint!(
        "\r\u{1b}[K{}: {} of {} ({percent} %){end}",
        console().program,
        bytes(done),
        bytes(total)
    );
}

/// Writes a number of bytes as people read it.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

fn say(prefix: &str, text: &str) {
    let text = terminal::safe_text(&secret::redact(text), 16_000);
    write_line(&format!("{}: {prefix}{text}", console().program));
}

/// One write for each line, so that lines of parallel programs do not mix.
fn write_line(line: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_people_read_them() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1000), "1.0 kB");
        assert_eq!(bytes(52_428_800), "52.4 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
    }
}
