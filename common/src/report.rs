//! The one JSON document a program prints, and the only writer of stdout.
//! Knows shapes and words, not channels.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::contract::State;
use crate::{error, secret, terminal};

/// The version of the document's format.
pub const SCHEMA: u32 = 1;

/// What a call came to. Absent keys mean "nothing to say"; readers accept keys they do not know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// The version of this format: 1.
    pub schema: u32,
    /// The program.
    pub tool: String,
    /// The program's version.
    pub version: String,
    /// What it was asked.
    pub verb: String,
    /// The release's tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The channel's name in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether effects were left out.
    pub dry_run: bool,
    /// How the call went.
    pub status: Status,
    /// How the channel stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Where the version can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What would be done, in order, on a dry run or in a plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What was made, changed or found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What `check` found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What `verify` saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// Sentences for a person: steps left to do by hand, what was left out and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// When the first and the last visible effect were acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Visible>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Something was changed, and the wanted state holds; or what was asked has been answered.
    Done,
    /// The wanted state held already.
    Unchanged,
    /// A dry run: this is what would be done.
    Planned,
    /// It did not succeed.
    Failed,
}

impl Status {
    /// Returns the word used in documents.
    pub fn word(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Unchanged => "unchanged",
            Status::Planned => "planned",
            Status::Failed => "failed",
        }
    }
}

/// One planned step: its sentence, and its data as the tool sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What would be done, for a person.
    pub text: String,
    /// The same for a program; the shape is the tool's own.
    pub step: serde_json::Value,
}

/// What happened to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was not there and is now.
    Created,
    /// It was there and is different now.
    Updated,
    /// It was there already, the same.
    Unchanged,
    /// It was there and is no more.
    Removed,
}

/// One thing that was made, changed or found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The thing: a file name, a tag, a reference.
    pub name: String,
    /// What happened to it.
    pub action: Action,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its SHA-256 in lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What a pointer named before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What a pointer names now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Item {
    /// Makes an item of a name and an action.
    pub fn new(name: impl Into<String>, action: Action) -> Self {
        Self {
            name: name.into(),
            action,
            size: None,
            sha256: None,
            url: None,
            from: None,
            to: None,
        }
    }

    /// Adds size and digest.
    #[must_use]
    pub fn bytes(mut self, size: u64, sha256: impl Into<String>) -> Self {
        self.size = Some(size);
        self.sha256 = Some(sha256.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Adds where a pointer moved from and to.
    #[must_use]
    pub fn moved(mut self, from: Option<String>, to: impl Into<String>) -> Self {
        self.from = from;
        self.to = Some(to.into());
        self
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The release would fail.
    Error,
    /// The release may fail, or cannot be judged beforehand.
    Warning,
}

/// One thing that `check` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable name for programs, such as `asset_too_large`; `unknown_...` for what cannot be known.
    pub code: String,
    /// How grave it is.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Finding {
    /// Makes a finding that stops the release.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            message: message.into(),
            suggestion: None,
        }
    }

    /// Makes a finding that does not.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }
}

/// How one artifact compared with what users get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same bytes.
    Same,
    /// Other bytes.
    Differs,
    /// Not there.
    Missing,
}

impl Comparison {
    /// Returns the word used in documents and reports.
    pub fn word(self) -> &'static str {
        match self {
            Comparison::Same => "same",
            Comparison::Differs => "differs",
            Comparison::Missing => "missing",
        }
    }
}

/// What `verify` saw of one artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The artifact.
    pub name: String,
    /// How it compared.
    pub verdict: Comparison,
    /// Where it was fetched from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The digest that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Why, where a digest does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A span of visible effects, RFC 3339, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visible {
    /// When a server acknowledged the first.
    pub first: jiff::Timestamp,
    /// When a server acknowledged the last.
    pub last: jiff::Timestamp,
}

impl Visible {
    /// Makes the span that covers both.
    pub fn join(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => {
                Some(Self { first: a.first.min(b.first), last: a.last.max(b.last) })
            }
            (a, b) => a.or(b),
        }
    }
}

/// A failure as a document shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorReport {
    /// `refused`, `usage`, `no` or `temporary`.
    pub kind: String,
    /// What failed.
    pub message: String,
    /// Why, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What to type or to change next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl ErrorReport {
    /// Describes an error, secrets removed and made safe for terminals.
    pub fn new(failure: &anyhow::Error) -> Self {
        let clean = |text: &str| terminal::safe_text(&secret::redact(text), 4_000);
        Self {
            kind: error::kind(failure).word().into(),
            message: clean(&failure.to_string()),
            causes: failure.chain().skip(1).map(|cause| clean(&cause.to_string())).collect(),
            hint: error::hint(failure).map(clean),
        }
    }
}

/// Prints data on stdout, secrets removed, one line feed at the end. A reader that closed the
/// pipe has seen enough: that ends quietly.
pub fn print(text: &str) {
    let mut text = secret::redact(text);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
