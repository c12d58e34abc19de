//! Scripted trouble: which request meets it, and what happens to that request.
//! Only the front acts on these; no stand-in can fake one.

use std::path::Path;

use anyhow::{Context as _, Result};
use globset::GlobBuilder;
use serde::{Deserialize, Serialize};

use crate::message::Role;

/// Whether the request takes effect before its answer is spoilt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The request is not processed.
    #[default]
    Before,
    /// The request is processed, then answered otherwise.
    After,
}

/// The two kinds of rate limit, which need different patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The hourly budget is used up; the answer says when it is refilled.
    Primary,
    /// Too much in a short time, although budget remains.
    Secondary,
}

/// What happens to a request that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Fault {
    /// Not processed; the connection is closed without an answer.
    DropBefore,
    /// Processed; the connection is closed without an answer.
    DropAfter,
    /// Not processed; the connection is reset.
    Reset,
    /// Answered with this status.
    Status {
        /// The status code.
        code: u16,
        /// Value of `Retry-After`, in seconds.
        #[serde(default)]
        retry_after: Option<u64>,
        /// Whether the request takes effect first.
        #[serde(default)]
        effect: Effect,
    },
    /// Refused as a rate limit of GitHub's, without effect.
    RateLimit {
        /// Which limit.
        limit: Limit,
        /// 403 or 429.
        code: u16,
        /// Value of `Retry-After`, in seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An upload is left as a stub in state `starter` and answered with 502.
    HalfStoredUpload,
    /// Processed; the answer arrives in small pieces.
    SlowBody {
        /// Bytes in a piece.
        #[serde(default = "slow_piece")]
        piece: usize,
        /// Pause before each piece, in milliseconds.
        #[serde(default = "slow_pause")]
        pause: u64,
    },
    /// Processed; the JSON of the answer ends in its middle, with a matching length.
    TruncatedJson,
    /// Processed; the connection ends before the announced length is reached.
    ShortBody,
    /// Not processed; a proxy's page in HTML comes back, with this status.
    HtmlPage {
        /// The status code.
        #[serde(default = "html_status")]
        code: u16,
    },
    /// A reading request sees the state as it was before the last change.
    StaleRead,
    /// The token counts as expired.
    ExpiredToken,
    /// The client is killed before the request is processed.
    KillBefore,
    /// The client is killed after the request was processed, before it sees the answer.
    KillAfter,
}

impl Fault {
    /// Returns the name used in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::Reset => "reset",
            Self::Status { .. } => "status",
            Self::RateLimit { .. } => "rate_limit",
            Self::HalfStoredUpload => "half_stored_upload",
            Self::SlowBody { .. } => "slow_body",
            Self::TruncatedJson => "truncated_json",
            Self::ShortBody => "short_body",
            Self::HtmlPage { .. } => "html_page",
            Self::StaleRead => "stale_read",
            Self::ExpiredToken => "expired_token",
            Self::KillBefore => "kill_before",
            Self::KillAfter => "kill_after",
        }
    }
}

fn slow_piece() -> usize {
    64
}

fn slow_pause() -> u64 {
    20
}

fn html_status() -> u16 {
    502
}

/// When a fault strikes: of the requests that fit, the `nth` one and those after it, `times` in all.
///
/// `{"method": "POST", "path": "/repos/**/assets*", "nth": 2, "fault": {"kind": "drop_after"}}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only requests to this host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path, without the query, fits this glob; `*` stays inside one part, `**` does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The first of the fitting requests that is struck, counted from 1.
    #[serde(default = "once")]
    pub nth: u64,
    /// How many of them are struck.
    #[serde(default = "once")]
    pub times: u64,
    /// What happens.
    pub fault: Fault,
}

fn once() -> u64 {
    1
}

impl Rule {
    /// Makes a rule for the `nth` request of all.
    pub fn nth(nth: u64, fault: Fault) -> Self {
        Self { role: None, method: None, path: None, nth, times: 1, fault }
    }

    /// Makes a rule for the first request of `method` whose path fits the glob `path`.
    pub fn on(method: &str, path: &str, fault: Fault) -> Self {
        let (method, path) = (Some(method.to_owned()), Some(path.to_owned()));
        Self { role: None, method, path, nth: 1, times: 1, fault }
    }

    /// Sets how many of the fitting requests are struck.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }
}

/// Reads rules from a JSON file that holds an array of them.
pub fn read(path: &Path) -> Result<Vec<Rule>> {
    serde_json::from_str(&common::fs::read_text(path)?)
        .with_context(|| format!("failed to understand fault rules `{}`", path.display()))
}

/// The rules in force, with how often each has fitted.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Vec<(Rule, Option<globset::GlobMatcher>, u64)>,
}

impl Script {
    pub(crate) fn new(rules: Vec<Rule>) -> Result<Self> {
        let compiled = rules.into_iter().map(|rule| {
            let glob = match &rule.path {
                Some(path) => Some(
                    GlobBuilder::new(path)
                        .literal_separator(true)
                        .build()
                        .with_context(|| format!("failed to understand path glob `{path}`"))?
                        .compile_matcher(),
                ),
                None => None,
            };
            Ok((rule, glob, 0))
        });
        Ok(Self { rules: compiled.collect::<Result<_>>()? })
    }

    /// Counts a request in every rule and returns the first fault that strikes it.
    pub(crate) fn strike(&mut self, role: Role, method: &str, path: &str) -> Option<Fault> {
        let mut struck = None;
        for (rule, glob, seen) in &mut self.rules {
            let fits = rule.role.is_none_or(|wanted| wanted == role)
                && rule.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && glob.as_ref().is_none_or(|glob| glob.is_match(path));
            if !fits {
                continue;
            }
            *seen += 1;
            if struck.is_none() && *seen >= rule.nth && *seen < rule.nth.saturating_add(rule.times)
            {
                struck = Some(rule.fault.clone());
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_the_nth_fitting_request_and_as_many_as_it_says() {
        let mut rule = Rule::on("POST", "/repos/*/*/releases", Fault::DropAfter).times(2);
        rule.nth = 2;
        let mut script = Script::new(vec![rule]).unwrap();
        let mut strike =
            |method| script.strike(Role::GithubApi, method, "/repos/acme/greet/releases").is_some();
        let struck = ["POST", "GET", "POST", "POST", "POST"].map(&mut strike);
        assert_eq!(struck, [false, false, true, true, false]);
    }

    #[test]
    fn rules_read_from_json_and_refuse_unknown_keys() {
        let rule: Rule = serde_json::from_str(
            r#"{"nth": 3, "fault": {"kind": "status", "code": 429, "retry_after": 1}}"#,
        )
        .unwrap();
        let fault = Fault::Status { code: 429, retry_after: Some(1), effect: Effect::Before };
        assert_eq!(rule, Rule::nth(3, fault));
        assert!(serde_json::from_str::<Rule>(r#"{"fault": {"kind": "reset"}, "nht": 3}"#).is_err());
    }
}
