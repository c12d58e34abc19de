//! Settings of the stand-ins that a test turns: lags, modes, limits, what a token may not do.
//! Read from `D/knobs.json` at start where it exists; absent keys keep their defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// All settings; the defaults are those of an ordinary day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Pause before every answer, in milliseconds.
    pub latency: u64,
    /// Settings of the GitHub stand-in.
    pub github: Github,
}

/// Settings of the GitHub stand-in; repositories are named `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Github {
    /// How many list requests a fresh draft stays hidden from.
    pub draft_list_lag: u32,
    /// Repositories whose releases cannot be changed once published.
    pub immutable: BTreeSet<String>,
    /// Repositories hidden from whoever sends no token.
    pub private: BTreeSet<String>,
    /// No token may publish a commit whose workflows differ from the default branch (answered with 404).
    pub workflow_scope_missing: bool,
    /// The status that tells a reader that writing is not allowed: 403, or 404 as for older tokens.
    pub denied_status: u16,
    /// The largest page of a list, whatever `per_page` asks for.
    pub list_page_size: usize,
    /// Uploads of this many bytes or more fail with an unhelpful 500.
    pub asset_size_limit: u64,
    /// How many assets a release may hold.
    pub asset_count_limit: usize,
    /// The hourly budget.
    pub primary: Primary,
    /// The budget of changing requests in a minute.
    pub secondary: Secondary,
    /// Categories that `discussion_category_name` may name.
    pub discussion_categories: BTreeSet<String>,
    /// Merged and open pull requests by repository, beside those made through the API.
    pub pulls: BTreeMap<String, Vec<Pull>>,
    /// How many list requests a dispatched run stays hidden from.
    pub run_list_lag: u32,
    /// How a dispatched run ends, such as `success`.
    pub run_conclusion: String,
    /// The address of the API in answers, where a proxy stands before it.
    pub public_api: Option<String>,
}

impl Default for Github {
    fn default() -> Self {
        Self {
            draft_list_lag: 0,
            immutable: BTreeSet::new(),
            private: BTreeSet::new(),
            workflow_scope_missing: false,
            denied_status: 403,
            list_page_size: 100,
            asset_size_limit: 2 << 30,
            asset_count_limit: 1000,
            primary: Primary::default(),
            secondary: Secondary::default(),
            discussion_categories: BTreeSet::new(),
            pulls: BTreeMap::new(),
            run_list_lag: 1,
            run_conclusion: "success".to_owned(),
            public_api: None,
        }
    }
}

/// The hourly budget and how its end is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Primary {
    /// Requests an hour with a token; 60 without one.
    pub budget: u64,
    /// 403 or 429.
    pub code: u16,
    /// Value of `Retry-After`, in seconds, where one is sent.
    pub retry_after: Option<u64>,
}

impl Default for Primary {
    fn default() -> Self {
        Self { budget: 5000, code: 403, retry_after: None }
    }
}

/// The budget of changing requests in a minute and how its end is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secondary {
    /// Changing requests a minute; absent for no such limit.
    pub budget: Option<u64>,
    /// 403 or 429.
    pub code: u16,
    /// Value of `Retry-After`, in seconds, where one is sent.
    pub retry_after: Option<u64>,
}

impl Default for Secondary {
    fn default() -> Self {
        Self { budget: None, code: 403, retry_after: Some(60) }
    }
}

/// A pull request as a knob describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub user: String,
    /// A revision that names the commit which merged it; absent while it is open.
    #[serde(default)]
    pub merge_commit: Option<String>,
}

/// Reads settings; those of an ordinary day where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Knobs> {
    match common::fs::read_text_if_there(path)? {
        Some(text) => serde_json::from_str(&text)
            .with_context(|| format!("failed to understand knobs `{}`", path.display())),
        None => Ok(Knobs::default()),
    }
}
