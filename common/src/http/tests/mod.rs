//! The client against small scripted servers of this process: every rule of repeating, sending, following, receiving.
//! Knows no channel; nothing sleeps, waits are recorded.

mod downloads;
mod reading;
mod redirects;
mod repeating;
mod secure;
mod server;
mod stalls;
mod uploads;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Client, Settings};
use crate::retry::{Budget, Policy};

/// A client with the waits it was told to make.
struct Kit {
    client: Client,
    waits: Arc<Mutex<Vec<(String, Duration)>>>,
}

impl Kit {
    fn new() -> Self {
        Self::with(Duration::from_secs(20), None, &|_| None)
    }

    /// With a stall limit, a deadline, and an environment.
    fn with(
        timeout: Duration,
        deadline: Option<Instant>,
        look: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let waits = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&waits);
        let waiter =
            Arc::new(move |why: &str, wait| seen.lock().unwrap().push((why.to_owned(), wait)));
        let budget = Arc::new(Budget::seeded(Policy::default(), deadline, waiter, 1));
        let settings = Settings { timeout, ..Settings::new("test-tool", "1.2.3", budget) };
        Self { client: Client::in_environment(settings, look).unwrap(), waits }
    }

    fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().iter().map(|(_, wait)| *wait).collect()
    }
}

/// Makes a file of so many bytes, no two blocks of it alike, and returns it with its digest.
fn file(size: usize) -> (tempfile::NamedTempFile, String) {
    use sha2::Digest as _;
    let bytes: Vec<u8> =
        (0..size).map(|at| (at ^ (at >> 8) ^ (at >> 16)).to_le_bytes()[0]).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    (file, super::body::hex(&sha2::Sha256::digest(&bytes)))
}
