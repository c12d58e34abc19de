//! What a folder tells of its project: remote, module, packages, built files. Reads, and guesses
//! only what is said to be a guess.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use common::fs;
use common::git::Repository;

use super::remote;

/// Where owner and name of the repository come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The command line.
    Told,
    /// The remote `origin`.
    Remote,
    /// A file that names it.
    File(&'static str),
    /// Nothing but the names of the folder and the person.
    Guess,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) owner: String,
    pub(super) repo: String,
    pub(super) owner_from: Source,
    /// The interface of a GitHub that is not github.com.
    pub(super) base_url: Option<String>,
    /// The path in `go.mod`.
    pub(super) go_module: Option<String>,
    /// Whether there is a Python package.
    pub(super) python: bool,
    /// The systems that the built files are for, as `required_assets` names them.
    pub(super) platforms: Vec<&'static str>,
    /// Whether there are built files.
    pub(super) built: bool,
    /// The tag of the version that the project says it is at.
    pub(super) tag: String,
}

/// The files that may name the repository on GitHub.
const NAMING: [&str; 4] = ["go.mod", "Cargo.toml", "pyproject.toml", "package.json"];

/// Looks at `folder`, whose built files lie in `dist`.
pub(super) fn look(
    folder: &Path,
    dist: &Path,
    owner: Option<&str>,
    repo: Option<&str>,
) -> Result<Found> {
    let read = |name: &str| fs::read_text_if_there(&folder.join(name));
    let mut texts = Vec::new();
    for name in NAMING {
        if let Some(text) = read(name)? {
            texts.push((name, text));
        }
    }
    let text = |wanted: &str| {
        texts.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.as_str())
    };
    let names = built(dist);
    let (place, mut owner_from) = place(folder, &texts)?;
    if owner.is_some() {
        owner_from = Source::Told;
    }
    Ok(Found {
        owner: owner.map_or(place.owner, str::to_owned),
        repo: repo.map_or(place.repo, str::to_owned),
        owner_from,
        base_url: place.base_url,
        go_module: text("go.mod").and_then(go_module),
        python: text("pyproject.toml").is_some()
            || names.iter().any(|name| has_extension(name, "whl")),
        platforms: platforms(&names),
        built: !names.is_empty(),
        tag: format!(
            "v{}",
            text("Cargo.toml")
                .or(text("pyproject.toml"))
                .and_then(version)
                .unwrap_or("0.1.0".into())
        ),
    })
}

impl Found {
    /// Says where the names come from, and which of them to look at.
    pub(super) fn notes(&self) -> Vec<String> {
        let name = format!("{}/{}", self.owner, self.repo);
        let note = match self.owner_from {
            Source::Told => return Vec::new(),
            Source::Remote => format!("the repository is {name}, as the remote `origin` says"),
            Source::File(file) => format!(
                "the repository is {name}, as `{file}` says; there is no remote `origin` on a GitHub"
            ),
            Source::Guess => format!(
                "the repository {name} is a guess: correct `owner` and `repo`, or say them with --owner and --repo"
            ),
        };
        vec![note]
    }
}

fn place(folder: &Path, texts: &[(&'static str, String)]) -> Result<(remote::Place, Source)> {
    let repository = Repository::find(folder);
    let url = match &repository {
        Some(repository) => repository.remote_url("origin")?,
        None => None,
    };
    if let Some(place) = url.as_deref().and_then(remote::parse) {
        return Ok((place, Source::Remote));
    }
    for (name, text) in texts {
        if let Some(place) = remote::mentioned(text) {
            return Ok((place, Source::File(name)));
        }
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let folder = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let owner = std::env::var("USER").ok().or_else(|| std::env::var("LOGNAME").ok());
    let named = |name: Option<String>, otherwise: &str| {
        let name = remote::slug(&name.unwrap_or_default());
        if name.is_empty() { otherwise.to_owned() } else { name }
    };
    let place = remote::Place {
        owner: named(owner, "owner"),
        repo: named(folder, "project"),
        base_url: None,
    };
    Ok((place, Source::Guess))
}

/// Returns the names of the built files.
fn built(dist: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(dist).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn go_module(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let path = line.split("//").next().unwrap_or_default().trim().trim_matches(['"', '`']);
    (!path.is_empty()).then(|| path.to_owned())
}

/// Reads `version = "1.2.3"` of a TOML file; one that is inherited or made elsewhere is not known.
fn version(text: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("version")?.trim_start().strip_prefix('='))?;
    let version = value.trim().trim_matches('"');
    let numbers = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (version.split('.').count() == 3 && numbers(version)).then(|| version.to_owned())
}

/// Tells the systems apart by the words that projects use in file names.
fn platforms(names: &BTreeSet<String>) -> Vec<&'static str> {
    const SYSTEMS: [(&str, &[&str]); 3] = [
        ("linux", &["linux"]),
        ("windows", &["windows", "win32", "win64"]),
        ("darwin", &["darwin", "macos", "apple", "osx"]),
    ];
    let says = |name: &str, words: &[&str]| {
        let name = name.to_ascii_lowercase();
        name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part))
    };
    let found = SYSTEMS.iter().filter(|(_, words)| {
        names.iter().filter(|name| !has_extension(name, "whl")).any(|name| says(name, words))
    });
    found.map(|(system, _)| *system).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_found_in_names_and_not_inside_words() {
        let check = |names: &[&str], expected: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(platforms(&names), expected);
        };
        check(
            &["greet_1.0.0_linux_amd64.tar.gz", "greet_1.0.0_darwin_arm64.tar.gz"],
            &["linux", "darwin"],
        );
        check(
            &["rg-x86_64-pc-windows-msvc.zip", "rg-aarch64-apple-darwin.tar.gz"],
            &["windows", "darwin"],
        );
        check(&["greet-1.0-py3-none-manylinux2014_x86_64.whl", "winner.tar.gz"], &[]);
    }

    #[test]
    fn modules_and_versions_are_read_where_they_are_plain() {
        assert_eq!(
            go_module("module github.com/acme/greet // x\n\ngo 1.22\n").as_deref(),
            Some("github.com/acme/greet")
        );
        assert_eq!(go_module("go 1.22\n"), None);
        assert_eq!(
            version("[package]\nname = \"a\"\nversion = \"1.2.3\"\n").as_deref(),
            Some("1.2.3")
        );
        assert_eq!(version("version.workspace = true\n"), None);
        assert_eq!(version("version = \"1.2\"\n"), None);
    }
}
