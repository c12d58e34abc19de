//! GitHub's wire types, as far as we read and write them. Source: CHANNELS 1.3 and 1.4. Pure.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A repository, as far as we look at it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Repository {
    pub(crate) full_name: String,
    #[serde(default)]
    pub(crate) private: bool,
    #[serde(default)]
    pub(crate) archived: bool,
    #[serde(default)]
    pub(crate) permissions: Option<Permissions>,
}

/// What the token's owner may do; false for Actions tokens that may well write.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Permissions {
    #[serde(default)]
    pub(crate) push: bool,
}

/// A release, draft or not.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Release {
    pub(crate) id: u64,
    pub(crate) tag_name: String,
    #[serde(default)]
    pub(crate) body: Option<String>,
    pub(crate) draft: bool,
    pub(crate) prerelease: bool,
    #[serde(default)]
    pub(crate) immutable: bool,
    pub(crate) html_url: String,
    pub(crate) upload_url: String,
}

/// A file of a release.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Asset {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) size: u64,
    /// `sha256:<hex>`; null for assets older than mid-2025.
    #[serde(default)]
    pub(crate) digest: Option<String>,
    pub(crate) url: String,
    pub(crate) browser_download_url: String,
}

impl Asset {
    /// Tells whether this is the whole file: complete, of this size and, where GitHub says it,
    /// of this digest.
    pub(crate) fn is(&self, size: u64, sha256: &str) -> bool {
        let digest = self.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
        self.state == "uploaded" && self.size == size && digest.is_none_or(|found| found == sha256)
    }
}

/// What a tag of the remote leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteTag {
    pub(crate) commit: String,
    pub(crate) annotated: bool,
}

/// What a new draft is made of.
#[derive(Debug, Serialize)]
pub(crate) struct NewDraft<'a> {
    pub(crate) tag_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_commitish: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) body: &'a str,
    pub(crate) draft: bool,
    pub(crate) prerelease: bool,
}

/// What is changed of a release. `tag_name` is always sent: without it a draft can lose its tag.
#[derive(Debug, Serialize)]
pub(crate) struct Change<'a> {
    pub(crate) tag_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_commitish: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prerelease: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) make_latest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discussion_category_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<&'a str>,
}

/// A file to be uploaded.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a Path,
    pub(crate) size: u64,
    pub(crate) sha256: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_the_file_only_when_complete_and_equal() {
        let mut asset: Asset = serde_json::from_value(serde_json::json!({
            "id": 1, "name": "a", "state": "uploaded", "size": 3, "digest": "sha256:ab",
            "url": "u", "browser_download_url": "b"
        }))
        .unwrap();
        assert!(asset.is(3, "ab"));
        assert!(!asset.is(3, "cd") && !asset.is(4, "ab"));
        asset.digest = None;
        assert!(asset.is(3, "ab"));
        asset.state = "starter".into();
        assert!(!asset.is(3, "ab"));
    }
}
