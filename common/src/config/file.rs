//! The file as it is written, and what each entry comes to. Unknown keys are errors here.

use std::collections::BTreeMap;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ArtifactRule, KNOWN, Publisher, Section, Span};
use crate::error::Failure;
use crate::json;
use crate::retry::Policy;

/// The file as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File<'a> {
    /// For editors.
    #[serde(rename = "$schema", default)]
    pub(super) _schema: Option<String>,
    /// The channels, by name: `github`, `gomodule`, `homebrew`, `scoop`, `chocolatey`, `docker`,
    /// `pypi`, or any other with `tool`.
    #[serde(borrow, default)]
    pub(super) publishers: BTreeMap<String, PublisherEntry<'a>>,
    /// What each channel's `check` enforces.
    #[serde(borrow, default)]
    pub(super) validators: BTreeMap<String, ValidatorEntry<'a>>,
    /// How temporary failures are met.
    #[serde(default)]
    pub(super) retry_policy: RetryEntry,
    /// How many channels work at once (default 4).
    #[serde(default)]
    pub(super) concurrent_limit: Option<std::num::NonZeroUsize>,
    /// How tags are written, such as `greet/v{version}` (default `v{version}`).
    #[serde(default)]
    pub(super) tag_pattern: Option<String>,
    /// What is said by hand of artifacts, by name or glob.
    #[serde(default)]
    pub(super) artifacts: BTreeMap<String, ArtifactRule>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublisherEntry<'a> {
    /// Whether it takes part (default true).
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    /// Its wave: lower comes first.
    pub(super) priority: Option<i32>,
    /// Bounds one request that makes no progress.
    pub(super) timeout: Option<Span>,
    /// Bounds one verb.
    pub(super) deadline: Option<Span>,
    /// Bounds the wait for an index.
    pub(super) wait: Option<Span>,
    /// Overrides `retry_policy.max_retries`.
    pub(super) retry_count: Option<u32>,
    /// Whether the release goes on without it.
    #[serde(default)]
    pub(super) optional: bool,
    /// The channels that must be published first.
    pub(super) needs: Option<Vec<String>>,
    /// The program, where the name does not say it.
    pub(super) tool: Option<String>,
    /// The tool's own settings.
    #[serde(borrow)]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub(super) config: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidatorEntry<'a> {
    /// Whether the rules are enforced (default true).
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    /// The tool's own rules.
    #[serde(borrow)]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub(super) config: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryEntry {
    /// How often one operation is tried again (default 3).
    pub(super) max_retries: Option<u32>,
    /// The first wait (default 1s).
    pub(super) base_delay: Option<Span>,
    /// The longest wait (default 30s).
    pub(super) max_delay: Option<Span>,
    /// How the wait grows (default 2.0).
    pub(super) multiplier: Option<f64>,
}

fn yes() -> bool {
    true
}

/// Returns the JSON Schema of the envelope.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(File<'static>).to_value()
}

impl PublisherEntry<'_> {
    pub(super) fn resolve(self, channel: String, text: &str, file: &str) -> Result<Publisher> {
        let known = KNOWN.iter().find(|(name, _)| *name == channel).map(|(_, tool)| *tool);
        let Some(tool) = self.tool.or(known.map(str::to_owned)) else {
            return Err(unknown_channel("publishers", &channel, file).into());
        };
        // The name becomes a file name and an argument.
        if !channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            || channel.starts_with(['-', '.'])
        {
            return Err(Failure::usage(format!(
                "{file}: the channel name {channel:?} may hold letters, digits, `-`, `_` and `.`"
            ))
            .into());
        }
        Ok(Publisher {
            name: channel,
            enabled: self.enabled,
            priority: self.priority,
            timeout: self.timeout.map(|span| span.0),
            deadline: self.deadline.map(|span| span.0),
            wait: self.wait.map(|span| span.0),
            retry_count: self.retry_count,
            optional: self.optional,
            needs: self.needs,
            tool,
            config: Section::of(self.config, text, file),
        })
    }
}

impl RetryEntry {
    pub(super) fn resolve(self, file: &str) -> Result<Policy> {
        let default = Policy::default();
        let multiplier = self.multiplier.unwrap_or(default.multiplier);
        if !(1.0..=100.0).contains(&multiplier) {
            return Err(Failure::usage(format!(
                "{file}: retry_policy.multiplier is {multiplier}, it must lie between 1 and 100"
            ))
            .into());
        }
        Ok(Policy {
            max_retries: self.max_retries.unwrap_or(default.max_retries),
            base_delay: self.base_delay.map_or(default.base_delay, |span| span.0),
            max_delay: self.max_delay.map_or(default.max_delay, |span| span.0),
            multiplier,
        })
    }
}

pub(super) fn unknown_channel(key: &str, channel: &str, file: &str) -> Failure {
    let failure = Failure::usage(format!("{file}: `{key}.{channel}` is no known channel"));
    match json::nearest(channel, KNOWN.iter().map(|(name, _)| *name)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure
            .hint(format!("name its program: \"{channel}\": {{\"tool\": \"./publish\", ...}}")),
    }
}
