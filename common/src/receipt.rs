//! The receipt: what a channel tool did and saw last, `dist/receipts/<tag>/<channel>.json`.
//! It speeds things up and feeds `status`; the remote is the truth, so nothing here ever
//! supplies content.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::contract::State;
use crate::report::{Item, Visible};
use crate::tag::Tag;
use crate::{fs, json, secret};

/// What one channel tool did and saw last for one tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The version of this format: 1.
    pub schema: u32,
    /// The release's tag.
    pub tag: String,
    /// The channel's name in the configuration.
    pub channel: String,
    /// The program that wrote it.
    pub tool: String,
    /// The verb that ended last.
    pub verb: String,
    /// When it ended, RFC 3339, UTC.
    pub at: String,
    /// How the channel stood then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Where the version can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The manifest all this was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
    /// Each thing made or found, by name, the newest word about it.
    #[serde(default)]
    pub items: Vec<Item>,
    /// When the first and the last visible effect were acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Visible>,
}

impl Receipt {
    /// Returns the path of a channel's receipt.
    pub fn path(dist: &Path, tag: &Tag, channel: &str) -> PathBuf {
        dist.join("receipts").join(tag.file_name()).join(format!("{channel}.json"))
    }

    /// Loads a receipt; one that is missing or cannot be read counts as none, because
    /// the remote state is the truth.
    pub fn load(dist: &Path, tag: &Tag, channel: &str) -> Option<Self> {
        let path = Self::path(dist, tag, channel);
        let text = fs::read_text_if_there(&path).ok()??;
        json::parse(&text, &path.display().to_string(), 1).ok()
    }

    /// Writes the receipt whole, secrets removed.
    pub fn save(&self, dist: &Path, tag: &Tag) -> Result<()> {
        let text = String::from_utf8_lossy(&json::pretty(self)).into_owned();
        fs::replace(&Self::path(dist, tag, &self.channel), secret::redact(&text).as_bytes())
    }

    /// Joins what a new run did to what an older one did: later words win, name by name.
    pub fn absorb(&mut self, older: Receipt) {
        for item in older.items {
            if !self.items.iter().any(|new| new.name == item.name) {
                self.items.push(item);
            }
        }
        self.items.sort_by(|a, b| a.name.cmp(&b.name));
        self.visible = Visible::join(self.visible.take(), older.visible);
    }
}
