//! A project to rehearse in, the program as a user starts it, and how it ended in a form to compare.
//! Knows no single test.
#![expect(clippy::disallowed_methods, reason = "tests start programs and look at all they leave")]
#![expect(clippy::unwrap_used, reason = "a test that cannot begin fails here")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A repository with two commits, v0.9.0 at the first and v1.0.0 at the second, and one remote.
pub(crate) struct Project {
    pub(crate) folder: tempfile::TempDir,
}

/// How a run ended, in a form to compare.
#[derive(Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new(remote: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(project.path()).unwrap();
        project.sh("git init -q -b main . && git commit -q --allow-empty -m one && git tag v0.9.0");
        project.sh("git commit -q --allow-empty -m two && git tag -a v1.0.0 -m v1.0.0");
        project.sh(&format!("git remote add origin '{remote}'"));
        project
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("greet")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join("dist/rehearsal")
    }

    /// Runs a script outside any rehearsal and returns what it printed.
    #[track_caller]
    pub(crate) fn sh(&self, script: &str) -> String {
        let output = command("sh", &self.path()).args(["-ec", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn rehearsal(&self, script: &str) -> Command {
        let mut command = command(env!("CARGO_BIN_EXE_rehearsal"), &self.path());
        command.args(["run", "--", "sh", "-c", script]);
        command
    }

    pub(crate) fn run(&self, script: &str) -> Ended {
        ended(&self.rehearsal(script).output().unwrap())
    }
}

/// A program that knows nothing of the user who runs the tests.
pub(crate) fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("LANG", "C.UTF-8");
    command.env("HOME", folder.parent().unwrap_or(folder)).env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{role}_NAME"), "a")
            .env(format!("GIT_{role}_EMAIL"), "a@example.com");
    }
    command
}

/// Leaves out of stderr what depends on the machine: whether there are namespaces, and how many
/// files git makes.
pub(crate) fn ended(output: &Output) -> Ended {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    let lines = stderr.lines().filter(|line| !line.contains("no network namespace here"));
    let lines = lines.map(|line| match line.split_once(" or in ") {
        Some((begin, _)) => format!("{begin} or in N files\n"),
        None => format!("{line}\n"),
    });
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: lines.collect(),
    }
}

pub(crate) const QUIET: &str = "\
rehearsal: 0 requests changed anything (of 0)
rehearsal: no canary token in any output or in N files
rehearsal: state: dist/rehearsal (requests.jsonl, git/)
";

pub(crate) fn quiet(code: i32, stdout: &str) -> Ended {
    Ended { code: Some(code), stdout: stdout.to_owned(), stderr: QUIET.to_owned() }
}
