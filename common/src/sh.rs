//! Running other programs: both streams captured, a deadline, a chosen environment.
//! Commands are composed with xshell and spawned here, because xshell itself echoes the whole
//! command, hands children our stdout and knows no deadline. Knows no particular program.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::error::Failure;
use crate::terminal;

pub use xshell::{Cmd, Shell, cmd};

/// What a finished child left.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on stdout.
    pub stdout: Vec<u8>,
    /// What it printed on stderr.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Returns stdout as text without the final line feed.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end_matches(['\n', '\r']).to_owned()
    }
}

/// Opens a shell whose current folder is `folder`.
pub fn shell_in(folder: &std::path::Path) -> Result<Shell> {
    let shell = Shell::new().context("failed to open a shell in the current folder")?;
    let folder = if folder.as_os_str().is_empty() { std::path::Path::new(".") } else { folder };
    shell.change_dir(folder);
    Ok(shell)
}

/// Returns a sibling program of Landfall: beside our own executable, else by name from PATH.
pub fn sibling(name: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(name)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

/// Runs a command to its end, whatever its exit status, within `deadline`.
///
/// # Errors
/// When it cannot be started, or (temporary) when it does not end in time and was killed.
pub fn output(command: Cmd<'_>, deadline: Duration) -> Result<Output> {
    run(command.into(), None, deadline)
}

/// As [`output`], with bytes on the child's stdin.
pub fn output_with_input(command: Cmd<'_>, input: &[u8], deadline: Duration) -> Result<Output> {
    run(command.into(), Some(input.to_owned()), deadline)
}

/// Runs a command that must succeed and returns its stdout without the final line feed.
///
/// # Errors
/// As [`output`]; a failing status names the program, its first argument and what it said.
pub fn read(command: Cmd<'_>, deadline: Duration) -> Result<String> {
    let command: Command = command.into();
    let name = name(&command);
    let output = run(command, None, deadline)?;
    if !output.status.success() {
        return Err(failed(&name, &output).into());
    }
    Ok(output.text())
}

/// Describes a failed child: program and verb, how it ended, what it said (made safe, bounded).
/// Arguments are left out: they may be long and may hold what nobody should read.
pub fn failed(name: &str, output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = if said.trim().is_empty() { output.text() } else { said.into_owned() };
    let said = terminal::safe_text(&crate::secret::redact(said.trim()), 2_000);
    let colon = if said.is_empty() { "" } else { ": " };
    Failure::refused(format!("`{name}` failed ({}){colon}{said}", output.status))
}

/// Returns the program and its first argument, for messages.
fn name(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    match command.get_args().next().map(|argument| argument.to_string_lossy()) {
        Some(verb) if !verb.starts_with('-') => format!("{program} {verb}"),
        _ => program,
    }
}

fn run(mut command: Command, input: Option<Vec<u8>>, deadline: Duration) -> Result<Output> {
    let name = name(&command);
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start `{name}`"))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // A child that does not read its input must not stop us: its status says what happened.
        std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
    }
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let until = Instant::now() + deadline;
    let (Some(stdout), Some(stderr)) = (take(&stdout, until), take(&stderr, until)) else {
        return Err(overdue(child, &name, deadline).into());
    };
    // Both streams are closed, so the child has ended or is about to.
    let status = child.wait().with_context(|| format!("failed to wait for `{name}`"))?;
    Ok(Output { status, stdout, stderr })
}

fn drain(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

fn take(stream: &mpsc::Receiver<Vec<u8>>, until: Instant) -> Option<Vec<u8>> {
    stream.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
}

fn overdue(mut child: Child, name: &str, deadline: Duration) -> Failure {
    let _ = child.kill();
    let _ = child.wait();
    Failure::temporary(format!("`{name}` did not end within {} s", deadline.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn both_streams_are_captured_and_a_failure_says_what_was_said() {
        let shell = Shell::new().unwrap();
        let script = "echo out; echo bad >&2; exit 3";
        let output = output(cmd!(shell, "sh -c {script}"), SOON).unwrap();
        assert_eq!((output.text().as_str(), output.status.code()), ("out", Some(3)));
        let error = read(cmd!(shell, "sh -c {script}"), SOON).unwrap_err();
        assert_eq!(error.to_string(), "`sh` failed (exit status: 3): bad");
    }

    #[test]
    fn a_child_that_hangs_is_killed_and_that_is_temporary() {
        let shell = Shell::new().unwrap();
        let error = read(cmd!(shell, "tail -f /dev/null"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
    }

    #[test]
    fn input_reaches_the_child() {
        let shell = Shell::new().unwrap();
        let output = output_with_input(cmd!(shell, "cat"), b"hello\n", SOON).unwrap();
        assert_eq!(output.text(), "hello");
    }
}
