//! How a release is installed from each other channel, as far as the configuration says it.
//! Knows the commands that users type; knows no wire. A channel it cannot describe is left out, never guessed.

use anyhow::Result;
use common::config::{Configuration, KNOWN};
use common::console;
use common::error::Failure;
use common::manifest::{Kind, Manifest};
use common::tag::Tag;
use common::version::{self, Labels};
use serde_json::Value;

/// One channel for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The channel as people call it.
    pub(crate) label: String,
    /// What to type, in order.
    pub(crate) commands: Vec<String>,
}

/// Reads `NAME=VALUE`.
pub(crate) fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.trim().is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("write NAME=VALUE, such as homebrew=acme/tap/greet".to_owned()),
    }
}

/// Returns a line for each channel that is given or enabled, in Landfall's order, then those it does not know.
pub(crate) fn lines(
    given: &[(String, String)],
    configuration: &Configuration,
    manifest: Option<&Manifest>,
    tag: &Tag,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (channel, _) in KNOWN.into_iter().filter(|(channel, _)| *channel != "github") {
        let by_hand =
            given.iter().rev().find(|(name, _)| name == channel).map(|(_, value)| value.clone());
        if let Some(value) = &by_hand
            && !is_reference(value)
        {
            let message =
                format!("`{}` is nothing that `{channel}` installs", value.escape_debug());
            return Err(Failure::usage(message)
                .hint("name what is installed, not the command: pypi=greet")
                .into());
        }
        let Some(reference) = by_hand.or_else(|| configured(channel, configuration, manifest))
        else {
            continue;
        };
        match line(channel, &reference, tag) {
            Ok(line) => lines.extend(line),
            // Whether the release may go there at all is for that channel's own check to say.
            Err(reason) => console::warn(&format!("the notes leave `{channel}` out: {reason}")),
        }
    }
    let known = |name: &str| KNOWN.iter().any(|(channel, _)| *channel == name);
    let others = given.iter().filter(|(name, _)| !known(name));
    lines.extend(
        others.map(|(name, command)| Line { label: name.clone(), commands: vec![command.clone()] }),
    );
    Ok(lines)
}

/// Returns the address of the repository on the host of the channel `github`.
pub(crate) fn repository_url(configuration: &Configuration) -> Option<String> {
    let config = configuration.publishers.get("github")?.config.value();
    let (owner, repository) = (text(&config, &["owner"])?, text(&config, &["repo"])?);
    let host =
        match config.get("base_url").and_then(Value::as_str).map(|url| url.trim_end_matches('/')) {
            None | Some("https://api.github.com") => "https://github.com",
            // GitHub Enterprise Server serves its interface below its own pages; of any other address nothing is known.
            Some(url) => url.strip_suffix("/api/v3").filter(|host| is_reference(host))?,
        };
    Some(format!("{host}/{owner}/{repository}"))
}

/// Returns where GitHub serves the assets of a release.
pub(crate) fn url_template(configuration: &Configuration) -> Option<String> {
    Some(repository_url(configuration)? + "/releases/download/{tag}/{name}")
}

/// Finds what an enabled channel installs, in the form that `--channel` takes.
fn configured(
    channel: &str,
    configuration: &Configuration,
    manifest: Option<&Manifest>,
) -> Option<String> {
    let publisher = configuration.publishers.get(channel).filter(|publisher| publisher.enabled)?;
    let config = publisher.config.value();
    let program = || {
        let github = configuration.publishers.get("github")?.config.value();
        text(&github, &["repo"])
    };
    let in_folder = |folder: &[&str], name: &[&str]| {
        let folder = text(&config, folder)?;
        let folder = folder.strip_prefix("https://github.com/").unwrap_or(&folder);
        Some(format!(
            "{}/{}",
            folder.trim_end_matches(".git"),
            text(&config, name).or_else(program)?
        ))
    };
    match channel {
        "gomodule" => text(&config, &["package", "module_path"]),
        "homebrew" => in_folder(&["tap"], &["name", "formula", "cask"]),
        "scoop" => in_folder(&["bucket"], &["name", "app"]),
        "chocolatey" => text(&config, &["id", "name"]),
        "docker" => text(&config, &["image", "images", "repository"]),
        "pypi" => text(&config, &["name", "project"]).or_else(|| project(manifest?)),
        _ => None,
    }
}

/// Returns the first of the keys that is there, a string or the first string of a list.
fn text(config: &Value, keys: &[&str]) -> Option<String> {
    let value = keys.iter().find_map(|key| config.get(key))?;
    let text = value.as_str().or_else(|| value.get(0)?.as_str())?;
    is_reference(text).then(|| text.to_owned())
}

/// Returns the name of the Python project that the manifest's files belong to.
fn project(manifest: &Manifest) -> Option<String> {
    let file = |kind: Kind| manifest.artifacts.iter().find(|artifact| artifact.kind == kind);
    let name = &file(Kind::Wheel).or_else(|| file(Kind::Sdist))?.name;
    let project = name.split('-').next().filter(|project| is_reference(project))?;
    Some(project.replace('_', "-"))
}

/// Tells whether a value can stand in a command that people copy into a shell.
fn is_reference(text: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._/@:+-".contains(c);
    !text.is_empty() && text.len() <= 200 && !text.starts_with('-') && text.chars().all(harmless)
}

fn line(channel: &str, reference: &str, tag: &Tag) -> Result<Option<Line>> {
    let version = tag.version();
    // A tap and a bucket know one version, and a pre-release does not become it.
    let (label, commands) = match channel {
        "homebrew" | "scoop" if tag.is_prerelease() => return Ok(None),
        "homebrew" => ("Homebrew", vec![format!("brew install {}", tapped(reference))]),
        "scoop" => ("Scoop", bucket(reference)),
        "chocolatey" => {
            let image = version::chocolatey(version, Labels::Flat { digits: 1 })?;
            let pre = if tag.is_prerelease() { " --pre" } else { "" };
            ("Chocolatey", vec![format!("choco install {reference} --version {image}{pre}")])
        }
        "docker" => (
            "Container image",
            vec![format!("docker pull {reference}:{}", version::image_tag(version)?)],
        ),
        "gomodule" => ("Go", vec![format!("go install {reference}@v{version}")]),
        "pypi" => {
            ("PyPI", vec![format!("pip install {reference}=={}", version::pep440_public(version)?)])
        }
        _ => return Ok(None),
    };
    Ok(Some(Line { label: label.to_owned(), commands }))
}

/// Turns `acme/homebrew-tap/greet` into the `acme/tap/greet` that `brew` wants: the full name, which it trusts.
fn tapped(reference: &str) -> String {
    reference.replacen("/homebrew-", "/", 1)
}

/// `acme/scoop-bucket/greet` is an app of a bucket on GitHub that has to be added first.
fn bucket(reference: &str) -> Vec<String> {
    match reference.splitn(3, '/').collect::<Vec<_>>()[..] {
        [owner, repository, app] => vec![
            format!("scoop bucket add {owner} https://github.com/{owner}/{repository}"),
            format!("scoop install {owner}/{app}"),
        ],
        _ => vec![format!("scoop install {reference}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(channel: &str, reference: &str, tag: &str, expected: &[&str]) {
        let tag = Tag::parse(tag, Some("greet/v{version}"))
            .or_else(|_| Tag::parse(tag, None))
            .expect(tag);
        let line = line(channel, reference, &tag).expect(channel);
        assert_eq!(line.map(|line| line.commands).unwrap_or_default(), expected);
    }

    #[test]
    fn each_channel_has_its_command() {
        check("homebrew", "acme/homebrew-tap/greet", "v1.0.0", &["brew install acme/tap/greet"]);
        check(
            "scoop",
            "acme/scoop-bucket/greet",
            "v1.0.0",
            &[
                "scoop bucket add acme https://github.com/acme/scoop-bucket",
                "scoop install acme/greet",
            ],
        );
        check("scoop", "greet", "v1.0.0", &["scoop install greet"]);
        check("chocolatey", "greet", "v1.0.0", &["choco install greet --version 1.0.0"]);
        check(
            "docker",
            "ghcr.io/acme/greet",
            "v1.0.0+5",
            &["docker pull ghcr.io/acme/greet:1.0.0_5"],
        );
        check(
            "gomodule",
            "github.com/acme/greet",
            "greet/v1.0.0",
            &["go install github.com/acme/greet@v1.0.0"],
        );
        check("pypi", "greet", "v1.0.0-rc.1", &["pip install greet==1.0.0rc1"]);
    }

    #[test]
    fn pre_releases_are_asked_for_by_name_or_not_at_all() {
        check("homebrew", "acme/tap/greet", "v1.0.0-rc.1", &[]);
        check("scoop", "greet", "v1.0.0-rc.1", &[]);
        check(
            "chocolatey",
            "greet",
            "v1.0.0-rc.1",
            &["choco install greet --version 1.0.0-rc1 --pre"],
        );
    }

    #[test]
    fn nothing_else_can_slip_into_a_command() {
        for text in ["", "-x", "a b", "a;b", "$(a)", "${A}", "a`b`", "a\nb", "a|b", "a'b"] {
            assert!(!is_reference(text), "{text}");
        }
        assert!(is_reference("ghcr.io:443/acme/greet"));
        assert!(named("pypi").is_err() && named("=x").is_err() && named("x= ").is_err());
    }
}
