//! What the GitHub stand-in remembers: releases, assets, pull requests, dispatches.
//! Refs and commits are not here: they live in the bare repositories.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Everything, by `owner/name`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    last_id: u64,
    pub(crate) repositories: BTreeMap<String, Repository>,
}

impl State {
    /// Returns an id that was never used.
    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id = self.last_id.max(1_300_000) + 1;
        self.last_id
    }

    /// Returns the memory of a repository, begun at its first mention.
    pub(crate) fn repository(&mut self, full_name: &str) -> &mut Repository {
        if !self.repositories.contains_key(full_name) {
            let id = self.new_id();
            let fresh = Repository { id, ..Repository::default() };
            self.repositories.insert(full_name.to_owned(), fresh);
        }
        self.repositories.entry(full_name.to_owned()).or_default()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) releases: Vec<Release>,
    /// The release that was last made latest by word; may be gone by now.
    pub(crate) latest: Option<u64>,
    /// Tags of immutable releases, burned for good.
    pub(crate) burned: BTreeSet<String>,
    /// Turned on through the API; the knob does the same.
    pub(crate) immutable: bool,
    pub(crate) pulls: Vec<Pull>,
    pub(crate) dispatches: Vec<Value>,
    pub(crate) runs: Vec<Run>,
}

impl Repository {
    pub(crate) fn release(&self, id: u64) -> Option<&Release> {
        self.releases.iter().find(|release| release.id == id)
    }

    pub(crate) fn release_mut(&mut self, id: u64) -> Option<&mut Release> {
        self.releases.iter_mut().find(|release| release.id == id)
    }

    pub(crate) fn published(&self, tag: &str) -> Option<&Release> {
        self.releases.iter().find(|release| !release.draft && release.tag_name == tag)
    }

    /// Finds an asset with the release that holds it.
    pub(crate) fn asset(&self, id: u64) -> Option<(&Release, &Asset)> {
        let mut all = self
            .releases
            .iter()
            .flat_map(|release| release.assets.iter().map(move |asset| (release, asset)));
        all.find(|(_, asset)| asset.id == id)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Release {
    pub(crate) id: u64,
    pub(crate) tag_name: String,
    pub(crate) target_commitish: String,
    pub(crate) name: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) draft: bool,
    pub(crate) prerelease: bool,
    pub(crate) immutable: bool,
    /// The date of the commit, not of the release.
    pub(crate) created_at: String,
    pub(crate) published_at: Option<String>,
    pub(crate) updated_at: String,
    /// What stands for the tag in the urls of a draft.
    pub(crate) untagged: String,
    pub(crate) author: String,
    pub(crate) discussion: Option<String>,
    /// How many more list requests it stays hidden from.
    pub(crate) hidden: u32,
    pub(crate) assets: Vec<Asset>,
}

impl Release {
    /// Returns what stands for the tag in urls for browsers.
    pub(crate) fn web_tag(&self) -> &str {
        if self.draft || self.tag_name.is_empty() { &self.untagged } else { &self.tag_name }
    }

    pub(crate) fn can_be_latest(&self) -> bool {
        !self.draft && !self.prerelease
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asset {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) label: Option<String>,
    /// `uploaded`, or `starter` for the stub of a broken upload.
    pub(crate) state: String,
    pub(crate) content_type: String,
    pub(crate) size: u64,
    /// Absent for a stub.
    pub(crate) sha256: Option<String>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) uploader: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pull {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) user: String,
    pub(crate) head: String,
    pub(crate) base: String,
    pub(crate) draft: bool,
    pub(crate) closed: bool,
    pub(crate) merge_commit: Option<String>,
    pub(crate) at: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) workflow: String,
    pub(crate) title: String,
    pub(crate) event: String,
    pub(crate) branch: String,
    pub(crate) sha: String,
    pub(crate) inputs: Map<String, Value>,
    pub(crate) at: String,
    /// How many more list requests it stays hidden from.
    pub(crate) hidden: u32,
    /// How often it was read; it moves on with each reading.
    pub(crate) seen: u32,
}
