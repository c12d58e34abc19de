//! The record of every request: one line of JSON each in `D/requests.jsonl`, and the same in memory.
//! Tokens never enter it; which one was sent does, by its name.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::message::Role;

/// One request and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Logged {
    /// Its place among all requests since the start, counted from 1 as they arrived.
    pub number: u64,
    /// When it arrived by the clock of the stand-ins, RFC 3339.
    pub at: String,
    /// The host it was sent to, by its part.
    pub role: Role,
    /// The `Host` header.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// The status of the answer; absent where none was sent.
    pub status: Option<u16>,
    /// Whether the method is one that may change something.
    pub mutating: bool,
    /// The length of the body, in bytes.
    pub body_size: u64,
    /// The SHA-256 of the body, in lower-case hex; of the empty text where it was not read.
    pub body_sha256: String,
    /// Whether a token of this rehearsal was sent.
    pub authorized: bool,
    /// The name of the token that was sent, `unknown` for any other; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The fault that struck it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What the real server would have taken without a word, such as unknown fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The headers, names in lower case, secrets as `***`.
    pub headers: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct Log {
    kept: Mutex<(File, Vec<Logged>)>,
}

impl Log {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .with_context(|| format!("failed to open `{}`", path.display()))?;
        Ok(Self { kept: Mutex::new((file, Vec::new())) })
    }

    /// Notes a request, on disk first.
    pub(crate) fn note(&self, logged: Logged) -> Result<()> {
        let mut line = serde_json::to_vec(&logged).context("failed to write a log line")?;
        line.push(b'\n');
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.write_all(&line).context("failed to write the request log")?;
        kept.1.push(logged);
        Ok(())
    }

    /// Returns the requests since the start, in the order of their arrival.
    pub(crate) fn all(&self) -> Vec<Logged> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = kept.1.clone();
        all.sort_by_key(|logged| logged.number);
        all
    }
}
