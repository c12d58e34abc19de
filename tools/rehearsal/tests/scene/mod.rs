//! A scene for tests: stand-ins over a temporary folder with one repository.
//! Knows nothing of any tool of the project.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::sh::{self, cmd};
use rehearsal::{Knobs, Options, StandIns};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);

/// Running stand-ins with the repository `acme/greet`: three commits on `main`, tags `v0.9.0` and `v1.0.0`
/// (annotated) on the last two, and a branch `other` with a changed workflow.
pub(crate) struct Scene {
    pub(crate) stand_ins: StandIns,
    pub(crate) dir: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Knobs::default())
    }

    pub(crate) fn with(knobs: Knobs) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("d");
        make_repository(&state.join("git/github.com/acme/greet.git"));
        let socket = Some(dir.path().join("socket"));
        let options = Options { knobs: Some(knobs), socket, ..Options::default() };
        Self { stand_ins: StandIns::start(&state, options).unwrap(), dir }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Returns the token of a name such as `github-write`.
    pub(crate) fn token(&self, name: &str) -> String {
        self.stand_ins.token(name).unwrap().to_owned()
    }
}

fn make_repository(bare: &Path) {
    std::fs::create_dir_all(bare).unwrap();
    git(bare, &["init", "--quiet", "--bare", "--initial-branch=main", "."]);
    let workflow = ".github/workflows/ci.yml";
    let history = [
        commit("main", 1, "README.md", "one"),
        commit("main", 2, workflow, "on: [push, workflow_dispatch]"),
        "reset refs/tags/v0.9.0\nfrom refs/heads/main\n\n".to_owned(),
        commit("main", 3, "README.md", "three"),
        "tag v1.0.0\nfrom refs/heads/main\ntagger Ada <ada@example.com> 1767500000 +0000\n\
         data 5\nfirst\n"
            .to_owned(),
        "reset refs/heads/other\nfrom refs/heads/main\n\n".to_owned(),
        commit("other", 4, workflow, "on: push"),
    ];
    let shell = sh::shell_in(bare).unwrap();
    let import = cmd!(shell, "git fast-import --quiet");
    let output = sh::output_with_input(import, history.concat().as_bytes(), SOON).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// One commit that writes one file, made on the given day of January 2026, as `git fast-import` reads it.
fn commit(branch: &str, day: u64, path: &str, text: &str) -> String {
    let at = 1_767_225_600 + (day - 1) * 86_400;
    let length = text.len();
    format!(
        "commit refs/heads/{branch}\ncommitter Ada <ada@example.com> {at} +0000\n\
         data {length}\n{text}\nM 100644 inline {path}\ndata {length}\n{text}\n"
    )
}

/// Runs git in a folder and returns its stdout.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let shell = sh::shell_in(folder).unwrap();
    shell.set_var("GIT_CONFIG_GLOBAL", "/dev/null");
    sh::read(cmd!(shell, "git {arguments...}"), SOON).unwrap()
}
