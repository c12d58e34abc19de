//! `publishers.github.config` and `validators.github.config`: one type for file, flags and schema.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use common::secret::{Reference, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the public API answers.
const PUBLIC_API: &str = "https://api.github.com/";

/// `publishers.github.config`.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The account or organisation
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// The repository
    #[arg(long)]
    pub(crate) repo: Option<String>,
    /// The token; else GITHUB_TOKEN, GH_TOKEN
    #[arg(skip)]
    #[serde(skip_serializing)]
    pub(crate) token: Option<Reference>,
    /// A command that prints the token
    #[arg(skip)]
    pub(crate) token_command: Option<String>,
    /// The API [default: the public one; GitHub Enterprise: `https://HOST/api/v3/`]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<Text>,
    /// The release's title [default: the tag]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The release notes, in Markdown [default: made from the history]
    #[arg(long, value_name = "FILE")]
    pub(crate) notes_file: Option<PathBuf>,
    /// How notes are made where there is no file
    #[arg(skip)]
    pub(crate) changelog: Changelog,
    /// Which artifacts become assets
    #[arg(skip)]
    pub(crate) assets: Assets,
    /// Leave the release a draft
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) draft: Option<bool>,
    /// Whether it is a pre-release [default: auto, by its version]
    #[arg(long, value_enum)]
    pub(crate) prerelease: Option<Prerelease>,
    /// Whether promote may make it latest [default: auto, if it is the highest stable one]
    #[arg(long, value_enum)]
    pub(crate) make_latest: Option<MakeLatest>,
    /// The branch that a draft is shown for [default: the repository's]
    #[arg(long, value_name = "REVISION")]
    pub(crate) target_commitish: Option<String>,
    /// Open a discussion in this category
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) discussion_category_name: Option<String>,
    /// The repository is private: verify with the token
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) private: Option<bool>,
    /// How many assets are uploaded at once [default: 5]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
}

impl Settings {
    /// Returns the API's address, with a slash at its end.
    pub(crate) fn api(&self) -> anyhow::Result<String> {
        let base = match &self.base_url {
            Some(text) => text.resolve("base_url")?,
            None => PUBLIC_API.to_owned(),
        };
        Ok(format!("{}/", base.trim_end_matches('/')))
    }

    /// Returns how many assets are uploaded at once; a hundred is GitHub's own limit.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.unwrap_or(5).clamp(1, 100)
    }
}

/// How notes are made.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changelog {
    /// Make them from the history (default true)
    pub(crate) auto_generate: Option<bool>,
    /// List commits (default true)
    pub(crate) include_commits: Option<bool>,
    /// List merged pull requests (default true)
    pub(crate) include_prs: Option<bool>,
}

/// Which artifacts become assets; the manifest always does.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "the names are the file's own")]
pub(crate) struct Assets {
    /// Archives, binaries, packages, wheels and what else is no checksum and no source (default true)
    pub(crate) include_binaries: Option<bool>,
    /// Checksums and signatures (default true)
    pub(crate) include_checksums: Option<bool>,
    /// Source distributions (default true)
    pub(crate) include_source: Option<bool>,
}

/// Whether a release is a pre-release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prerelease {
    /// By its version
    #[default]
    Auto,
    /// Yes
    True,
    /// No
    False,
}

/// Whether a release may become the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MakeLatest {
    /// If it is the highest stable one
    #[default]
    Auto,
    /// The same, said aloud
    True,
    /// Never
    False,
}

/// Lets a setting be `true`, `false` or a word, in the file as on the command line.
macro_rules! word_or_bool {
    ($type:ident) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let value = self.to_possible_value().expect("no value is hidden");
                serializer.serialize_str(value.get_name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Written {
                    Flag(bool),
                    Word(String),
                }
                let word = match Written::deserialize(deserializer) {
                    Ok(Written::Flag(flag)) => flag.to_string(),
                    Ok(Written::Word(word)) => word,
                    Err(_) => String::new(),
                };
                <$type as ValueEnum>::from_str(&word, false)
                    .map_err(|_| serde::de::Error::custom("expected true, false or \"auto\""))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"enum": [true, false, "auto", "true", "false"]})
            }
        }
    };
}

word_or_bool!(Prerelease);
word_or_bool!(MakeLatest);

/// `validators.github.config`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Whether assets are checked against what GitHub accepts (default true)
    pub(crate) check_assets: bool,
    /// Whether there must be release notes (default true)
    pub(crate) check_changelog: bool,
    /// Whether the tag must be annotated and at the manifest's commit (default true)
    pub(crate) check_tag: bool,
    /// The platforms that must be there: `linux`, `windows/arm64`, or part of an asset's name
    pub(crate) required_assets: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            check_assets: true,
            check_changelog: true,
            check_tag: true,
            required_assets: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_booleans_are_read_alike() {
        let read = |text| serde_json::from_str::<Settings>(text);
        let settings = read(r#"{"prerelease": true, "make_latest": "false"}"#).unwrap();
        assert_eq!(settings.prerelease, Some(Prerelease::True));
        assert_eq!(settings.make_latest, Some(MakeLatest::False));
        let error = read(r#"{"prerelease": "perhaps"}"#).unwrap_err().to_string();
        assert!(error.starts_with("expected true, false or \"auto\""), "{error}");
    }

    #[test]
    fn a_token_is_never_written_out() {
        let settings: Settings = serde_json::from_str(r#"{"token": "ghp_canary_1234"}"#).unwrap();
        assert!(!serde_json::to_string(&settings).unwrap().contains("canary"));
        assert!(!format!("{settings:?}").contains("canary"));
    }
}
