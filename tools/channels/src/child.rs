//! One program, one call: started, listened to while it runs, and what it came to, as a document.
//! Without a valid document one is made that says failed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::console::Event;

use crate::call::Call;
use crate::children::{Children, Ending};
use crate::display::Display;
use crate::document::{self, Ended};
use crate::environment;
use crate::fleet::Channel;

/// How long a program may go on past its own deadline before it is ended: it knows best how to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long the streams of an ended program are read on, should a child of its own hold them.
const TAIL: Duration = Duration::from_secs(2);
/// The longest document and the longest line that are read.
const LONGEST_DOCUMENT: u64 = 64 * 1024 * 1024;
const LONGEST_LINE: u64 = 64 * 1024;
/// How many of the last lines are kept, in case they are all that explains an end.
const KEPT_LINES: usize = 20;

/// What a child has said so far.
#[derive(Debug, Default)]
struct Said {
    document: Vec<u8>,
    lines: Vec<String>,
    notes: usize,
}

/// Asks the program of a channel, and waits for its answer.
pub(crate) fn run(channel: &Channel, call: &Call, children: &Children, display: &Display) -> Ended {
    let begun = Instant::now();
    let program = match &channel.program {
        Ok(program) => program,
        Err(failure) => return document::refused(channel, call, failure),
    };
    display.begin(channel.name(), call.verb);
    let mut command = command(program.as_os_str());
    command
        .args(call.arguments(channel.name()))
        .env_clear()
        .envs(environment::compose(std::env::vars_os(), &channel.variables))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match children.start(&mut command) {
        Ok(Some(child)) => child,
        Ok(None) => return document::not_begun(channel, call),
        Err(error) => return document::not_started(channel, call, &error),
    };
    let said = Arc::new(Mutex::new(Said::default()));
    let (sender, streams) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        let (said, sender) = (Arc::clone(&said), sender.clone());
        thread::spawn(move || {
            read_document(stdout, &said);
            let _ = sender.send(());
        });
    }
    if let Some(stderr) = child.stderr.take() {
        let (said, display) = (Arc::clone(&said), display.clone());
        let (name, tool) = (channel.name().to_owned(), channel.description.tool.clone());
        thread::spawn(move || {
            read_lines(stderr, &said, &display, &name, &tool);
            let _ = sender.send(());
        });
    }
    let limit = channel.publisher.deadline.map(|deadline| deadline + call.extra.patience + GRACE);
    let ending = children.wait(&mut child, limit);
    let until = Instant::now() + TAIL;
    for _ in 0..2 {
        let _ = streams.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
    let said = std::mem::take(&mut *lock(&said));
    let mut ended = match ending {
        Ok(Ending::Itself(status)) => {
            document::read(channel, call, &said.document, &said.lines, status)
        }
        Ok(Ending::Overdue) => document::overdue(channel, call, limit.unwrap_or_default()),
        Ok(Ending::Interrupted) => document::interrupted(channel, call),
        Err(error) => document::not_started(channel, call, &error),
    };
    ended.seconds = begun.elapsed().as_secs_f64();
    ended.talked = said.notes > 0;
    ended
}

#[expect(
    clippy::disallowed_methods,
    reason = "`common::sh` reads a child's streams only at its end; here they are shown live"
)]
fn command(program: &std::ffi::OsStr) -> Command {
    Command::new(program)
}

fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_document(mut stdout: impl Read, said: &Mutex<Said>) {
    let (mut buffer, mut total) = ([0; 8192], 0);
    // Read to the end also past the limit: a child must not stop at a full pipe.
    while let Ok(count @ 1..) = stdout.read(&mut buffer) {
        total += count as u64;
        if total <= LONGEST_DOCUMENT {
            lock(said).document.extend_from_slice(&buffer[..count]);
        }
    }
}

fn read_lines(stderr: impl Read, said: &Mutex<Said>, display: &Display, name: &str, tool: &str) {
    let mut reader = BufReader::new(stderr);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
            Ok(1..) => {}
            _ => return,
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches(['\n', '\r']);
        match Line::parse(line) {
            Line::Event(event) => display.event(name, &event),
            Line::Unknown => {}
            Line::Note => {
                // A program of ours begins with its own name; the channel's says enough.
                let line = line.strip_prefix(&format!("{tool}: ")).unwrap_or(line);
                display.note(name, line);
                let mut said = lock(said);
                said.notes += 1;
                if said.lines.len() == KEPT_LINES {
                    said.lines.remove(0);
                }
                said.lines.push(line.to_owned());
            }
        }
    }
}

/// What a line on stderr is.
#[derive(Debug, PartialEq)]
enum Line {
    /// An event that is known.
    Event(Event),
    /// An event of a later version: ignored.
    Unknown,
    /// A sentence for a person.
    Note,
}

impl Line {
    fn parse(line: &str) -> Self {
        if !line.starts_with('{') {
            return Self::Note;
        }
        match serde_json::from_str::<serde_json::Value>(line) {
            Ok(value) if value.get("event").is_some() => {
                serde_json::from_value(value).map_or(Self::Unknown, Self::Event)
            }
            _ => Self::Note,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_events_known_or_unknown_or_notes() {
        let step = r#"{"event":"step","text":"create the draft"}"#;
        assert_eq!(Line::parse(step), Line::Event(Event::Step { text: "create the draft".into() }));
        assert_eq!(Line::parse(r#"{"event":"dance"}"#), Line::Unknown);
        assert_eq!(Line::parse(r#"{"event":"step"}"#), Line::Unknown);
        assert_eq!(Line::parse(r#"{"a":1}"#), Line::Note);
        assert_eq!(Line::parse("{\"event\":"), Line::Note);
        assert_eq!(Line::parse("uploading"), Line::Note);
    }
}
