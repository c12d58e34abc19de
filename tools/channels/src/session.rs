//! Asking many programs: up to the limit at once, or group after group. Knows no verb's meaning.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use common::config::Configuration;

use crate::call::Call;
use crate::child;
use crate::children::Children;
use crate::display::Display;
use crate::document::Ended;
use crate::fleet::{Channel, Fleet};

/// What the channels came to, by name.
pub(crate) type Results = BTreeMap<String, Ended>;

/// One run of this program.
#[derive(Debug)]
pub(crate) struct Session {
    /// The enabled channels.
    pub(crate) fleet: Fleet,
    /// Those that run now.
    pub(crate) children: Arc<Children>,
    /// Where their talk goes.
    pub(crate) display: Display,
    limit: usize,
}

impl Session {
    /// Begins a run over `fleet`.
    pub(crate) fn open(fleet: Fleet, configuration: &Configuration, call: &Call) -> Result<Self> {
        Ok(Self {
            fleet,
            children: Children::watched()?,
            display: Display::open(call.verbosity),
            limit: configuration.concurrent_limit,
        })
    }

    /// Asks several channels at once, within the limit.
    pub(crate) fn ask(&self, channels: &[&Channel], call: &Call) -> Results {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Results::new());
        let worker = || {
            while let Some(channel) = channels.get(next.fetch_add(1, Ordering::Relaxed)) {
                let ended = channel
                    .leave_out(call)
                    .unwrap_or_else(|| child::run(channel, call, &self.children, &self.display));
                self.display.end(channel.name(), &ended);
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                results.insert(channel.name().to_owned(), ended);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.limit.min(channels.len()) {
                scope.spawn(worker);
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks group after group. Before each, `hold` may answer in place of a channel, seeing what
    /// came of those before.
    pub(crate) fn ask_in_turn(
        &self,
        groups: &[Vec<&str>],
        call: &Call,
        mut hold: impl FnMut(&Channel, &Results) -> Option<Ended>,
    ) -> Results {
        let mut results = Results::new();
        for group in groups {
            let mut free = Vec::new();
            for channel in group.iter().filter_map(|name| self.fleet.find(name)) {
                match hold(channel, &results) {
                    Some(ended) => {
                        self.display.end(channel.name(), &ended);
                        results.insert(channel.name().to_owned(), ended);
                    }
                    None => free.push(channel),
                }
            }
            results.extend(self.ask(&free, call));
        }
        results
    }
}
