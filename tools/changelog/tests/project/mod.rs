//! A temporary git repository and the real program run in it.
//! Knows nothing of what the program should say.
#![expect(clippy::disallowed_methods, reason = "tests write files and start programs themselves")]

use std::path::Path;
use std::process::Command;

/// A git repository with fixed names and dates, so that its object names are always the same.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    commits: std::cell::Cell<u32>,
}

/// What the program left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self::without_git();
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project
    }

    pub(crate) fn without_git() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), commits: 0.into() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").expect("a PATH");
        // No repository above the temporary folder may be found.
        command.current_dir(self.path()).env_clear().env("PATH", path).env("HOME", self.path());
        command.env("GIT_CEILING_DIRECTORIES", self.path().parent().expect("a parent"));
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let date = format!("2025-01-02T03:04:{:02}+00:00", self.commits.get() % 60);
        let mut command = self.command("git");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Ann")
                .env(format!("GIT_{role}_EMAIL"), "ann@example.com");
            command.env(format!("GIT_{role}_DATE"), &date);
        }
        let output = command.args(arguments).output().expect("git");
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Makes an empty commit and returns the seven digits that are shown of it.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.commits.set(self.commits.get() + 1);
        self.git(&["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message]);
        self.git(&["rev-parse", "HEAD"])[..7].to_owned()
    }

    pub(crate) fn tag(&self, name: &str) {
        self.git(&["tag", "-a", name, "-m", name]);
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn write_manifest(&self, tag: &str) {
        let digest = |digit: &str| digit.repeat(64);
        self.write(
            "dist/manifest.json",
            &format!(
                r#"{{"schema": 1, "tag": "{tag}", "commit": "{}", "artifacts": [
                {{"name": "checksums.txt", "kind": "checksums", "size": 9, "sha256": "{}"}},
                {{"name": "greet-1.1.0-py3-none-any.whl", "kind": "wheel", "size": 2000, "sha256": "{}"}},
                {{"name": "greet_1.1.0_linux_amd64.tar.gz", "kind": "archive",
                  "target": {{"os": "linux", "arch": "amd64"}}, "size": 1500000, "sha256": "{}"}}]}}"#,
                "0".repeat(40),
                digest("c"),
                digest("d"),
                digest("e"),
            ),
        );
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Left {
        let output = self
            .command(env!("CARGO_BIN_EXE_changelog"))
            .args(arguments)
            .output()
            .expect("the program");
        Left {
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            code: output.status.code(),
        }
    }

    #[track_caller]
    pub(crate) fn prints(&self, arguments: &[&str], stdout: &str) {
        let expected = Left { stdout: stdout.to_owned(), stderr: String::new(), code: Some(0) };
        assert_eq!(self.run(arguments), expected, "{}", self.run(arguments).stdout);
    }

    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], code: i32, stderr: &str) {
        let expected = Left { stdout: String::new(), stderr: stderr.to_owned(), code: Some(code) };
        assert_eq!(self.run(arguments), expected);
    }
}
