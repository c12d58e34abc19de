//! What the programs say while they run: one live line for each channel on a terminal, plain
//! lines elsewhere. Knows events and notes, not what they mean.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::console::{self, Event, Verbosity};
use common::contract::Verb;
use common::report::Action;
use common::{secret, terminal};

use crate::document::Ended;
use crate::live::Live;

/// How often bytes are told where nothing is drawn: enough to show that a long upload lives.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);

/// The one place where the programs' talk comes together; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Display(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    verbosity: Verbosity,
    live: Option<Live>,
    told: BTreeMap<String, Instant>,
}

impl Display {
    /// Opens the display that fits where stderr goes.
    pub(crate) fn open(verbosity: Verbosity) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let draws =
            std::io::stderr().is_terminal() && !set("CI") && !dumb && verbosity != Verbosity::Quiet;
        let live = draws.then(Live::new);
        Self(Arc::new(Mutex::new(Inner { verbosity, live, told: BTreeMap::new() })))
    }

    /// A program begins.
    pub(crate) fn begin(&self, channel: &str, verb: Verb) {
        match &mut self.inner().live {
            Some(live) => live.begin(channel, verb.word()),
            None => console::detail(&format!("asking `{channel}` for {}", verb.word())),
        }
    }

    /// Something happened on the way.
    pub(crate) fn event(&self, channel: &str, event: &Event) {
        let mut inner = self.inner();
        if let Some(live) = &mut inner.live {
            match event {
                Event::Progress { done, total } => live.bytes(channel, *done, *total),
                other => live.say(channel, &sentence(other)),
            }
        } else if let Event::Progress { .. } = event {
            let now = Instant::now();
            let before = inner.told.entry(channel.to_owned()).or_insert(now);
            if now.duration_since(*before) >= PROGRESS_EVERY {
                *before = now;
                console::lines(&line(channel, &sentence(event)));
            }
        } else {
            console::lines(&line(channel, &sentence(event)));
        }
    }

    /// A program said something for people.
    pub(crate) fn note(&self, channel: &str, text: &str) {
        let inner = self.inner();
        // A person who asked for errors only gets them from the documents.
        if inner.verbosity == Verbosity::Quiet || text.trim().is_empty() {
            return;
        }
        match &inner.live {
            Some(live) => live.above(&line(channel, text)),
            None => console::lines(&line(channel, text)),
        }
    }

    /// A program ended.
    pub(crate) fn end(&self, channel: &str, ended: &Ended) {
        if let Some(live) = &mut self.inner().live {
            let state =
                ended.document.state.map_or(ended.document.status.word(), |state| state.word());
            live.end(channel, if ended.is_good() { state } else { "failed" });
        }
    }

    /// Nothing more will run: what was drawn makes room for the report.
    pub(crate) fn close(&self) {
        if let Some(live) = self.inner().live.take() {
            live.close();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(channel: &str, text: &str) -> String {
    terminal::safe_text(&secret::redact(&format!("{channel}: {text}")), 16_000)
}

/// Says an event in words.
fn sentence(event: &Event) -> String {
    match event {
        Event::Step { text } => text.clone(),
        Event::Item { name, action } => match action {
            Action::Created => format!("created {name}"),
            Action::Updated => format!("updated {name}"),
            Action::Unchanged => format!("already there: {name}"),
            Action::Removed => format!("removed {name}"),
        },
        Event::Wait { reason, seconds } => format!("waiting {seconds:.1} s: {reason}"),
        Event::Progress { done, total } => {
            format!("{} of {}", console::bytes(*done), console::bytes(*total))
        }
    }
}
