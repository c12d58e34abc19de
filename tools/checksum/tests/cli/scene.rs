//! A folder with a git repository and built files, and the program run in it.
//! Knows nothing of what is tested.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make their own files and run the real program"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// One temporary repository.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

/// What a run printed, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Parses the one document that `--json` promises.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).expect("one JSON document")
    }
}

impl Scene {
    /// An empty folder that is no repository.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A repository whose only commit carries the annotated tag v1.0.0.
    pub(crate) fn tagged() -> Self {
        let scene = Self::bare();
        scene.shell(
            "git init -q . && git commit -q --allow-empty -m one && git tag -a v1.0.0 -m v1.0.0",
        );
        scene
    }

    /// The same with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let scene = Self::tagged();
        for (path, content) in files {
            scene.write(path, content);
        }
        scene
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, content).expect("written");
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect(path)
    }

    /// All files below a folder, by path, hidden ones left out.
    pub(crate) fn files(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(path), &self.path(path), &mut found);
        found.sort();
        found
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// Runs a script that must succeed; names and dates are fixed, so commits are the same everywhere.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> String {
        let mut command = self.command("sh");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "a")
                .env(format!("GIT_{who}_EMAIL"), "a@example.com")
                .env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
        }
        let run = Run::of(&command.args(["-ec", script]).output().expect("sh"));
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stdout
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// Runs the program with variables of its own.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_checksum"));
        let command = command.args(arguments).envs(variables.iter().copied());
        Run::of(&command.output().expect("checksum"))
    }

    /// The name of the only commit.
    pub(crate) fn commit(&self) -> String {
        self.shell("git rev-parse HEAD").trim().to_owned()
    }
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            walk(root, &path, found);
        } else {
            let inside = path.strip_prefix(root).expect("inside");
            found.push(inside.to_string_lossy().into_owned());
        }
    }
}
