//! The words of the channel contract: verbs, states, and what `describe` prints.
//! Pure data: what a channel tool promises and how `channels` knows it without knowing the tool.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a channel tool can be asked.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    ValueEnum,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Say everything that would make the release fail; change nothing
    Check,
    /// Upload or prepare all that users are not served yet
    Stage,
    /// Make the version available under its own name
    Publish,
    /// Move what "the newest" means to this version
    Promote,
    /// Fetch everything from where users fetch it and compare
    Verify,
    /// Say how the channel stands
    Status,
    /// Undo what the channel allows, and say what it does not
    Rollback,
    /// Bring manifest and artifacts of the release back into `dist/`
    Restore,
    /// Print the contract: verbs, configuration schema, needs, secrets
    Describe,
}

impl Verb {
    /// Returns the word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Check => "check",
            Verb::Stage => "stage",
            Verb::Publish => "publish",
            Verb::Promote => "promote",
            Verb::Verify => "verify",
            Verb::Status => "status",
            Verb::Rollback => "rollback",
            Verb::Restore => "restore",
            Verb::Describe => "describe",
        }
    }

    /// Finds a verb by its word.
    pub fn parse(word: &str) -> Option<Self> {
        <Self as ValueEnum>::value_variants().iter().copied().find(|verb| verb.word() == word)
    }
}

/// How a channel stands for one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing of this version is there.
    Absent,
    /// All that can be done invisibly is done.
    Staged,
    /// Some of it is there; running again finishes it.
    Partial,
    /// Available under its own name.
    Published,
    /// And it is what "the newest" means, or needs no pointer.
    Promoted,
    /// Accepted; moderation or indexing is not finished.
    Pending,
    /// Something else stands under this name.
    Differs,
    /// The channel does not let us look.
    Denied,
    /// The channel does not answer.
    Unreachable,
    /// Left out on purpose.
    Skipped,
}

impl State {
    /// Returns the word used in documents and reports.
    pub fn word(self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Staged => "staged",
            State::Partial => "partial",
            State::Published => "published",
            State::Promoted => "promoted",
            State::Pending => "pending",
            State::Differs => "differs",
            State::Denied => "denied",
            State::Unreachable => "unreachable",
            State::Skipped => "skipped",
        }
    }
}

/// How far `stage` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Bytes are on the channel, invisible.
    Remote,
    /// Files are prepared in `dist/derived/`.
    Local,
}

/// A secret that a tool wants, for `channels init` and for the child's environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretWanted {
    /// The environment variable.
    pub variable: String,
    /// What it must be allowed to do.
    pub purpose: String,
    /// Where a person makes one.
    pub made_at: String,
}

/// What `TOOL describe --json` prints. Readers accept keys they do not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Description {
    /// The version of this format: 1.
    pub schema: u32,
    /// The program's name.
    pub tool: String,
    /// The program's version.
    pub version: String,
    /// Its key under `publishers` by default.
    pub channel: String,
    /// What it can be asked.
    pub verbs: Vec<Verb>,
    /// How far `stage` goes.
    pub stage: StageKind,
    /// Its wave where the configuration names none: lower comes first.
    pub priority: i32,
    /// The channels that must be published before this one, by name.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The secrets it may read from the environment.
    #[serde(default)]
    pub secrets: Vec<SecretWanted>,
    /// Other environment variables it reads.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Whether it takes its endpoints from the rehearsal's overlay.
    #[serde(default)]
    pub rehearsal: bool,
    /// JSON Schema of `publishers.<name>.config`.
    #[serde(default)]
    pub config: serde_json::Value,
    /// JSON Schema of `validators.<name>.config`.
    #[serde(default)]
    pub rules: serde_json::Value,
}
