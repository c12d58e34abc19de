//! The draft that was asked for: written before the request, because GitHub may not list a new
//! draft for some seconds, and whoever is killed in between must find it again.

use std::path::PathBuf;

use anyhow::Result;
use common::channel::Release;
use common::{fs, json};
use serde::{Deserialize, Serialize};

use crate::GitHub;

/// What was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    /// The manifest the draft is for.
    pub(crate) manifest_sha256: String,
    /// The draft; absent while no answer has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<u64>,
}

impl Intent {
    fn path(github: &GitHub, release: &Release) -> PathBuf {
        release.derived(&github.context.channel, "draft.json")
    }

    /// Loads what an earlier run asked for, for these very bytes. What cannot be read counts as
    /// nothing: the list of drafts is the truth.
    pub(crate) fn load(github: &GitHub, release: &Release) -> Result<Option<Self>> {
        let Some(text) = fs::read_text_if_there(&Self::path(github, release))? else {
            return Ok(None);
        };
        let intent: Option<Self> = serde_json::from_str(&text).ok();
        let sha256 = release.frozen.as_ref().map(|frozen| frozen.sha256.as_str());
        Ok(intent.filter(|intent| Some(intent.manifest_sha256.as_str()) == sha256))
    }

    /// Writes it down.
    pub(crate) fn save(&self, github: &GitHub, release: &Release) -> Result<()> {
        fs::replace(&Self::path(github, release), &json::pretty(self))
    }

    /// Forgets it, once the release is public or the draft is gone.
    pub(crate) fn forget(github: &GitHub, release: &Release) -> Result<()> {
        fs::remove(&Self::path(github, release)).map(drop)
    }
}
