//! The envelope of `distribution.json`: which channels, in which order, with which patience.
//! Each tool parses its own `config` into its own type; nothing here knows what is in one.

mod file;
mod section;
mod span;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::manifest::Kind;
use crate::retry::Policy;
use crate::{fs, json};

use file::{File, unknown_channel};

pub use file::schema;
pub use section::{Section, variables};
pub use span::Span;

/// The file's name at the root of a user's repository.
pub const FILE: &str = "distribution.json";

/// The channels that are known by name, and the tool of each.
pub const KNOWN: [(&str, &str); 7] = [
    ("github", "gh-release"),
    ("gomodule", "gomod-publish"),
    ("homebrew", "brew-bump"),
    ("scoop", "scoop-bump"),
    ("chocolatey", "choco-pack"),
    ("docker", "docker-push"),
    ("pypi", "pypi-upload"),
];

/// The environment variable naming the rehearsal's overlay: settings, tool by tool, that win
/// over the configuration and the command line.
pub const OVERLAY: &str = "LANDFALL_OVERLAY";

/// A whole configuration, or the defaults where there is no file.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The file; `None` where there is none.
    pub path: Option<PathBuf>,
    /// The folder it lies in (else the current one): paths in it are relative to this.
    pub root: PathBuf,
    /// The channels, by name.
    pub publishers: BTreeMap<String, Publisher>,
    /// What `check` enforces, by channel.
    pub validators: BTreeMap<String, Validator>,
    /// How temporary failures are met.
    pub retry: Policy,
    /// How many channels work at once.
    pub concurrent_limit: usize,
    /// How tags are written; `v{version}` where absent.
    pub tag_pattern: Option<String>,
    /// What is said by hand of artifacts, by name or glob.
    pub artifacts: BTreeMap<String, ArtifactRule>,
}

/// One channel as the envelope describes it.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Its name in the configuration.
    pub name: String,
    /// Whether it takes part.
    pub enabled: bool,
    /// Its wave; lower comes first; absent means the tool's default.
    pub priority: Option<i32>,
    /// Bounds one request that makes no progress.
    pub timeout: Option<Duration>,
    /// Bounds one verb.
    pub deadline: Option<Duration>,
    /// Bounds the wait for an index.
    pub wait: Option<Duration>,
    /// Overrides `retry_policy.max_retries`.
    pub retry_count: Option<u32>,
    /// Whether the release goes on without it.
    pub optional: bool,
    /// The channels that must be published first; absent means the tool's default.
    pub needs: Option<Vec<String>>,
    /// The program.
    pub tool: String,
    /// The tool's own part.
    pub config: Section,
}

/// One channel's rules as the envelope describes them.
#[derive(Clone, Debug)]
pub struct Validator {
    /// Whether they are enforced.
    pub enabled: bool,
    /// The tool's own part.
    pub config: Section,
}

/// What is said by hand of an artifact; keys that are absent keep what was recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactRule {
    /// What it is.
    pub kind: Option<Kind>,
    /// `linux`, `darwin`, `windows`, ...
    pub os: Option<String>,
    /// `amd64`, `arm64`, ...
    pub arch: Option<String>,
    /// `gnu`, `musl`, `msvc`.
    pub libc: Option<String>,
    /// `v7`, `v3`, ...
    pub variant: Option<String>,
    /// Leaves the file out of the release.
    #[serde(default)]
    pub exclude: bool,
}

impl Configuration {
    /// Loads `path`, else `DISTRIBUTION_CONFIG`, else `distribution.json` of the current folder,
    /// else the defaults.
    ///
    /// # Errors
    /// Usage, with file, line and the nearest known key.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let named = path
            .map(Path::to_owned)
            .or_else(|| std::env::var_os("DISTRIBUTION_CONFIG").map(PathBuf::from));
        let (path, text) = match named {
            Some(path) => {
                let text = fs::read_text(&path).map_err(|error| {
                    Failure::usage(format!("failed to read the configuration `{}`", path.display()))
                        .hint("name another with --config, or write one: channels init")
                        .because(error)
                })?;
                (path, text)
            }
            None => match fs::read_text_if_there(Path::new(FILE))? {
                Some(text) => (PathBuf::from(FILE), text),
                None => return Self::parse("{}", None),
            },
        };
        Self::parse(&text, Some(path))
    }

    fn parse(text: &str, path: Option<PathBuf>) -> Result<Self> {
        let name = path.as_deref().map_or(FILE.into(), |path| path.display().to_string());
        let file: File<'_> =
            serde_json::from_str(text).map_err(|error| json::explain(&error, &name, 1))?;
        let root = match path.as_deref().and_then(Path::parent) {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut publishers = BTreeMap::new();
        for (channel, entry) in file.publishers {
            publishers.insert(channel.clone(), entry.resolve(channel, text, &name)?);
        }
        for channel in file.validators.keys() {
            if !publishers.contains_key(channel) && !KNOWN.iter().any(|(known, _)| known == channel)
            {
                return Err(unknown_channel("validators", channel, &name).into());
            }
        }
        let validators = file
            .validators
            .into_iter()
            .map(|(channel, entry)| {
                let config = Section::of(entry.config, text, &name);
                (channel, Validator { enabled: entry.enabled, config })
            })
            .collect();
        Ok(Self {
            path,
            root,
            publishers,
            validators,
            retry: file.retry_policy.resolve(&name)?,
            concurrent_limit: file.concurrent_limit.map_or(4, std::num::NonZeroUsize::get),
            tag_pattern: file.tag_pattern,
            artifacts: file.artifacts,
        })
    }

    /// Returns a channel's entry, or what stands in for it where the file has none.
    pub fn publisher(&self, channel: &str, tool: &str) -> Publisher {
        self.publishers.get(channel).cloned().unwrap_or_else(|| Publisher {
            name: channel.into(),
            enabled: true,
            priority: None,
            timeout: None,
            deadline: None,
            wait: None,
            retry_count: None,
            optional: false,
            needs: None,
            tool: tool.into(),
            config: Section::empty(),
        })
    }

    /// Returns a channel's rules where they are enforced, else an empty part.
    pub fn rules(&self, channel: &str) -> Section {
        match self.validators.get(channel) {
            Some(validator) if validator.enabled => validator.config.clone(),
            _ => Section::empty(),
        }
    }
}

/// Returns what the rehearsal lays over the settings of a tool; `None` outside a rehearsal.
pub fn overlay(tool: &str) -> Result<Option<serde_json::Value>> {
    let Some(path) = std::env::var_os(OVERLAY) else { return Ok(None) };
    let path = PathBuf::from(path);
    let document: serde_json::Value = serde_json::from_str(&fs::read_text(&path)?)
        .with_context(|| format!("failed to read the overlay `{}`", path.display()))?;
    let config = document.get("tools").and_then(|tools| tools.get(tool)?.get("config"));
    // A rehearsal fails closed: without an entry the real endpoints would be asked.
    config.cloned().map(Some).ok_or_else(|| {
        Failure::refused(format!("the rehearsal has no stand-in for `{tool}`")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::hint;

    #[track_caller]
    fn wrong(text: &str, message: &str, hinted: Option<&str>) {
        let error = Configuration::parse(text, Some("d.json".into())).unwrap_err();
        assert_eq!((error.to_string().as_str(), hint(&error)), (message, hinted));
    }

    #[test]
    fn mistakes_are_named_with_line_and_nearest_key() {
        wrong(
            "{\n \"publisher\": {}\n}",
            "d.json:2: unknown field `publisher`, expected one of `$schema`, `publishers`, \
             `validators`, `retry_policy`, `concurrent_limit`, `tag_pattern`, `artifacts`",
            Some("did you mean `publishers`?"),
        );
        wrong(
            r#"{"publishers": {"git-hub": {}}}"#,
            "d.json: `publishers.git-hub` is no known channel",
            Some("did you mean `github`?"),
        );
        wrong(
            "{\"publishers\": {\"github\": {\n\"timeout\": 30}}}",
            "d.json:2: invalid type: integer `30`, expected a string",
            None,
        );
        wrong(
            "{\"publishers\": {\"github\": {\n\"timeout\": \"soon\"}}}",
            "d.json:2: `soon` is not a duration such as \"30s\" or \"1m30s\"",
            None,
        );
        wrong(
            r#"{"publishers": {"--help": {"tool": "x"}}}"#,
            "d.json: the channel name \"--help\" may hold letters, digits, `-`, `_` and `.`",
            None,
        );
    }

    #[test]
    fn a_mistake_in_a_tools_own_part_has_the_line_of_the_file() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Own {
            #[expect(dead_code, reason = "only the parsing matters")]
            owner: String,
        }
        let text = "{\n\"publishers\": {\n\"github\": {\"config\": {\n\"ovner\": \"a\"}}}}";
        let config = Configuration::parse(text, Some("d.json".into())).unwrap();
        let error = config.publishers["github"].config.parse::<Own>().unwrap_err();
        assert_eq!(error.to_string(), "d.json:4: unknown field `ovner`, expected `owner`");
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        let text = r#"{"publishers": {"github": {"timeout": "1m30s", "deadline": "2h"}}}"#;
        let config = Configuration::parse(text, None).unwrap();
        let github = &config.publishers["github"];
        assert_eq!(github.timeout, Some(Duration::from_secs(90)));
        assert_eq!(github.deadline, Some(Duration::from_secs(7200)));
        assert_eq!(github.tool, "gh-release");
    }

    #[test]
    fn the_variables_of_a_part_are_those_that_would_be_expanded() {
        let text =
            r#"{"publishers": {"github": {"config": {"token": "${A}", "x": "$${B} ${C}"}}}}"#;
        let config = Configuration::parse(text, None).unwrap();
        assert_eq!(config.publishers["github"].config.variables(), ["A", "C"]);
    }
}
