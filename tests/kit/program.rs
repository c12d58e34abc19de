//! Running a real program in a cleared environment, and comparing everything it leaves.
#![expect(clippy::disallowed_methods, reason = "a test runs the real program as a user would")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program to be run.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    folder: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
}

/// What a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
}

impl Program {
    /// Makes a program that runs in `folder` and sees nothing of our environment but `PATH`.
    pub fn new(path: impl Into<PathBuf>, folder: &Path) -> Self {
        let path_variable = std::env::var("PATH").unwrap_or_default();
        Self {
            path: path.into(),
            folder: folder.to_owned(),
            arguments: Vec::new(),
            environment: BTreeMap::from([("PATH".into(), path_variable)]),
        }
    }

    /// Finds a program of this workspace beside the running test.
    pub fn of_workspace(name: &str, folder: &Path) -> Self {
        let own = std::env::current_exe().expect("a test knows its own path");
        let profile = own.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
        let path = profile.join(name);
        assert!(path.is_file(), "`{name}` is not built: cargo build --workspace");
        Self::new(path, folder)
    }

    /// Adds arguments, split at spaces.
    #[must_use]
    pub fn args(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// Adds one argument as it is.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Sets several variables.
    #[must_use]
    pub fn envs(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Starts it, its streams captured.
    pub fn start(&self) -> Child {
        Command::new(&self.path)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start `{}`: {error}", self.path.display()))
    }

    /// Runs it to its end.
    pub fn run(&self) -> Ran {
        Ran::of(self.start())
    }
}

impl Ran {
    /// Waits for a child and reads what it left.
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("a started child can be waited for");
        let text = |bytes| String::from_utf8(bytes).expect("our programs print UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Fails unless the exit code is this one; returns itself for more.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "often the last word"
    )]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless code, stdout and stderr are all these.
    #[track_caller]
    pub fn is(self, code: i32, stdout: &str, stderr: &str) {
        let expected = Self { code: Some(code), stdout: stdout.into(), stderr: stderr.into() };
        assert_eq!(self, expected, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
    }

    /// Reads stdout as the one JSON document it promises to be.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}", self.stdout);
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}
