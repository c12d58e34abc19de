//! The `git` program in a closed environment: no configuration, credentials or network of the user.
//! Knows nothing of what is asked of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use common::sh::{self, Cmd, Output, Shell};

use super::environment::Environment;

/// A first push copies the whole history.
const PATIENCE: Duration = Duration::from_secs(600);

/// git, in one folder.
pub(super) struct Git {
    shell: Shell,
    environment: Environment,
}

impl Git {
    /// Prepares git to run in `folder` with `environment` and nothing else.
    pub(super) fn closed(folder: &Path, environment: &Environment) -> Result<Self> {
        Ok(Self { shell: sh::shell_in(folder)?, environment: environment.clone() })
    }

    /// Moves to the top of the work tree and returns it; `None` outside any.
    pub(super) fn to_top(&self) -> Result<Option<PathBuf>> {
        let top = ask(self.command(["rev-parse", "--show-toplevel"]))?.map(PathBuf::from);
        if let Some(top) = &top {
            self.shell.change_dir(top);
        }
        Ok(top)
    }

    /// Begins a command.
    pub(super) fn command<const N: usize>(&self, arguments: [&str; N]) -> Cmd<'_> {
        self.shell.cmd("git").env_clear().envs(&self.environment).args(arguments)
    }

    /// Begins a command on a bare repository, wherever this one is.
    pub(super) fn command_on<const N: usize>(&self, bare: &Path, arguments: [&str; N]) -> Cmd<'_> {
        self.command(arguments).env("GIT_DIR", bare)
    }
}

/// Runs a command that may fail.
pub(super) fn output(command: Cmd<'_>) -> Result<Output> {
    sh::output(command, PATIENCE)
}

/// Runs a command that must succeed and returns what it printed.
pub(super) fn read(command: Cmd<'_>) -> Result<String> {
    sh::read(command, PATIENCE)
}

/// Asks a question that may have no answer; git says so by its exit status.
pub(super) fn ask(command: Cmd<'_>) -> Result<Option<String>> {
    let output = output(command)?;
    Ok(output.status.success().then(|| output.text()))
}
