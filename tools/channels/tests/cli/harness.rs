//! A project folder with scripts as programs, and the real `channels` run in it with a closed environment.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The head of a script that writes down what it is asked: `NAME VERB begin|end`, and answers
/// with `answer STATUS STATE`. `$name`, `$verb` and `$tag` are set; what follows is the channel's own.
const RECORDING: &str = r#"#!/bin/sh
verb=$1 tag=${2:-} options="$*" name=
[ "$verb" != describe ] || { [ -z "${description:-}" ] || echo "$description"; exit 0; }
while [ $# -gt 0 ]; do [ "$1" != --channel ] || name=$2; shift; done
log() { echo "$name $verb $1" >> log; }
answer() { log end; echo "{\"status\": \"$1\", \"state\": \"$2\", \"url\": \"https://example.org/$name\"}"; exit "${3:-0}"; }
log begin
"#;

pub(crate) struct Project {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.stdout.lines().count(), 1, "one document on one line: {}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Project {
    /// Makes a project with a program `channels` of its own, so that no other tool is beside it.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        let (from, to) = (env!("CARGO_BIN_EXE_channels"), folder.path().join("bin/channels"));
        if std::fs::hard_link(from, &to).is_err() {
            std::fs::copy(from, &to).unwrap();
        }
        let project = Self { folder, variables: BTreeMap::new() };
        project.mkdir("work");
        project
    }

    /// Makes a project of recording scripts: name, entry in the configuration without `tool`, own part.
    pub(crate) fn with(channels: &[(&str, &str, &str)]) -> Self {
        let project = Self::new();
        let mut entries = Vec::new();
        for (name, entry, script) in channels {
            project.recording(name, script);
            let comma = if entry.is_empty() { "" } else { ", " };
            entries.push(format!(r#""{name}": {{"tool": "./{name}.sh"{comma}{entry}}}"#));
        }
        project.configure(&format!(r#"{{"publishers": {{{}}}}}"#, entries.join(", ")));
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// The folder that `channels` itself lies in.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join("bin").join(name)
    }

    fn mkdir(&self, name: &str) {
        std::fs::create_dir_all(self.folder.path().join(name)).unwrap();
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        common::fs::replace(&self.path(name), text.as_bytes()).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        common::fs::read_text_if_there(&self.path(name)).unwrap().unwrap_or_default()
    }

    pub(crate) fn configure(&self, text: &str) {
        self.write("distribution.json", text);
    }

    pub(crate) fn script(path: &Path, text: &str) {
        common::fs::replace(path, text.as_bytes()).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Writes `NAME.sh`, which records what it is asked and then runs `own`.
    pub(crate) fn recording(&self, name: &str, own: &str) {
        // A description must be known before the head answers for it.
        let (first, own) = match own.strip_prefix("description=") {
            Some(rest) => {
                let (line, own) = rest.split_once('\n').unwrap_or((rest, ""));
                (format!("description={line}\n"), own)
            }
            None => (String::new(), own),
        };
        let head = RECORDING.replacen("#!/bin/sh\n", &format!("#!/bin/sh\n{first}"), 1);
        Self::script(
            &self.path(&format!("{name}.sh")),
            &format!("{head}{own}\nanswer done published\n"),
        );
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.into(), value.into());
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the program under test")]
        let mut command = Command::new(self.beside("channels"));
        command
            .args(arguments)
            .current_dir(self.folder.path().join("work"))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("USER", "tester")
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn channels(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Starts it without waiting for its end.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Returns what the scripts wrote down so far, one entry a line.
    pub(crate) fn log(&self) -> Vec<String> {
        self.read("log").lines().map(str::to_owned).collect()
    }

    /// Returns what the scripts began, in order, as `NAME VERB`.
    pub(crate) fn begun(&self) -> Vec<String> {
        let begun =
            self.log().into_iter().filter_map(|line| Some(line.strip_suffix(" begin")?.to_owned()));
        begun.collect()
    }

    pub(crate) fn forget(&self) {
        common::fs::remove(&self.path("log")).unwrap();
    }
}

/// Waits until something holds; after a minute that is a failure.
#[track_caller]
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// Replaces every measured time, so that a whole text can be compared. Columns keep their width
/// because each is as short as the other.
pub(crate) fn timeless(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        words.push_str(&rest[..at]);
        rest = &rest[at..];
        let whole = digits(rest);
        let after = &rest[whole..];
        let fraction = after.strip_prefix('.').map(digits);
        match fraction {
            Some(1) if after[2..].starts_with(" s") && !words.ends_with(['.', 'v']) => {
                words.push('T');
                rest = &after[4..];
            }
            _ => {
                words.push_str(&rest[..whole]);
                rest = after;
            }
        }
    }
    words.push_str(rest);
    words
}
