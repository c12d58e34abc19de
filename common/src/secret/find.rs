//! Finding a secret: the configuration's own value, a command that prints it, well-known variables.
//! Knows no channel: which variables count is told.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::reference::{Lookup, environment};
use super::{Reference, Secret, redact};
use crate::error::Failure;
use crate::terminal;

/// How long a `token_command` may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds a secret: `token` of the configuration first, then the first line printed by `token_command`, then the named
/// environment variables in order. Empty values count as absent.
///
/// A `token` whose variable is not set does not end the search, but is the error when nothing else is found.
/// A command that fails, prints nothing or takes longer than 30 s is an error.
pub fn find(
    token: Option<&Reference>,
    command: Option<&str>,
    variables: &[&str],
) -> Result<Option<Secret>> {
    find_in(token, command, variables, &environment, PATIENCE)
}

fn find_in(
    token: Option<&Reference>,
    command: Option<&str>,
    variables: &[&str],
    look: &Lookup,
    patience: Duration,
) -> Result<Option<Secret>> {
    let configured = token.map(|token| token.read_from("token", look));
    if let Some(Ok(secret)) = &configured
        && !secret.expose().is_empty()
    {
        return Ok(Some(secret.clone()));
    }
    if let Some(command) = command.filter(|command| !command.trim().is_empty()) {
        return printed_by(command, patience).map(Some);
    }
    let value =
        variables.iter().filter_map(|name| look(name)).find(|value| !value.trim().is_empty());
    match (value, configured) {
        (Some(value), _) => Ok(Some(Secret::new(value.trim()))),
        (None, Some(Err(missing))) => Err(missing),
        (None, _) => Ok(None),
    }
}

/// Runs a command with `sh -c` and takes the first line it prints.
fn printed_by(command: &str, patience: Duration) -> Result<Secret> {
    // A function, because the command may itself contain what it prints, and that is known only later.
    let shown = || terminal::safe_line(&redact(command), 80);
    let hint = || format!("run it by hand: {}", shown());
    let mut child =
        start(command).with_context(|| format!("failed to run `token_command` `{}`", shown()))?;
    let deadline = Instant::now() + patience;
    let line = first_line(&mut child);
    let talk = errors(&mut child);

    let Ok(line) = line.recv_timeout(patience) else {
        end(&mut child);
        let message = format!("`token_command` `{}` printed no line within {patience:?}", shown());
        return Err(Failure::temporary(message).hint(hint()).into());
    };
    // Registered before anything else can quote it.
    let secret = Secret::new(line.trim());
    // One that has printed its line and lives on is ended; what it printed counts.
    let status = wait_until(&mut child, deadline)
        .with_context(|| format!("failed to wait for `token_command` `{}`", shown()))?;
    if let Some(status) = status
        && !status.success()
    {
        // Not for long: something it left running may hold its stderr open.
        let talk = talk.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        let talk = terminal::safe_line(&redact(&talk), 300);
        let message = format!("`token_command` `{}` ended with {status}: {talk}", shown());
        return Err(Failure::refused(message).hint(hint()).into());
    }
    if secret.expose().is_empty() {
        let message = format!("`token_command` `{}` printed an empty first line", shown());
        return Err(Failure::refused(message).hint(hint()).into());
    }
    Ok(secret)
}

#[expect(clippy::disallowed_methods, reason = "this module has no feature, `common::sh` has one")]
fn start(command: &str) -> std::io::Result<Child> {
    let mut sh = Command::new("sh");
    sh.arg("-c").arg(command);
    sh.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut sh, 0);
    sh.spawn()
}

/// Waits for a command to end by itself; one that does not is ended, and nothing is returned.
fn wait_until(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::park_timeout(Duration::from_millis(5));
    }
    end(child);
    Ok(None)
}

/// Ends the command and whatever it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Gone already is as good as ended.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn first_line(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        thread::spawn(move || {
            let mut reader = BufReader::new(out.take(1 << 20));
            let mut line = Vec::new();
            let read = reader.read_until(b'\n', &mut line);
            if read.is_ok() {
                // Whoever asked may have given up.
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
            // Read on, or a command that prints more would end by a broken pipe.
            let _ = std::io::copy(&mut reader.into_inner().into_inner(), &mut std::io::sink());
        });
    }
    receiver
}

fn errors(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut talk) = child.stderr.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = talk.by_ref().take(64 * 1024).read_to_end(&mut bytes);
            let _ = std::io::copy(&mut talk, &mut std::io::sink());
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};

    fn look(name: &str) -> Option<String> {
        match name {
            "SECOND" => Some("find-canary-env\n".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn try_find(
        token: Option<&str>,
        command: Option<&str>,
        variables: &[&str],
    ) -> Result<Option<String>> {
        let token = token.map(|token| Reference::from(token.to_owned()));
        let found = find_in(token.as_ref(), command, variables, &look, PATIENCE)?;
        Ok(found.map(|secret| secret.expose().to_owned()))
    }

    #[test]
    fn the_configuration_comes_first_then_the_command_then_variables() {
        let all = ["EMPTY", "FIRST", "SECOND"];
        let print = Some("printf 'find-canary-cmd\\nsecond line\\n'");
        assert_eq!(
            try_find(Some("find-canary-cfg"), print, &all).unwrap().unwrap(),
            "find-canary-cfg"
        );
        assert_eq!(try_find(None, print, &all).unwrap().unwrap(), "find-canary-cmd");
        assert_eq!(try_find(Some(""), None, &all).unwrap().unwrap(), "find-canary-env");
        assert_eq!(try_find(None, None, &["EMPTY"]).unwrap(), None);
    }

    #[test]
    fn a_missing_variable_of_the_configuration_is_the_error_only_when_nothing_else_is_found() {
        assert_eq!(
            try_find(Some("${NOPE}"), None, &["SECOND"]).unwrap().unwrap(),
            "find-canary-env"
        );
        let error = try_find(Some("${NOPE}"), None, &["EMPTY"]).unwrap_err();
        assert_eq!(kind(&error), Kind::Usage);
        assert!(error.to_string().contains("NOPE"), "{error}");
    }

    #[test]
    fn a_failing_command_is_quoted_without_the_secret() {
        let error = try_find(
            None,
            Some("echo find-canary-out; echo \"no find-canary-out\" >&2; exit 3"),
            &[],
        );
        let text = format!("{:#}", error.unwrap_err());
        assert!(text.contains("no ***") && text.contains('3'), "{text}");
        assert!(!text.contains("find-canary-out"), "{text}");
    }

    #[test]
    fn a_command_that_prints_nothing_is_refused() {
        for command in ["true", "echo"] {
            let error = try_find(None, Some(command), &["SECOND"]).unwrap_err();
            assert_eq!(kind(&error), Kind::Refused, "{command}");
        }
    }

    #[test]
    fn a_command_that_hangs_is_ended_with_all_it_started() {
        let (token, command) = (None, Some("sleep 600 & sleep 600"));
        let error = find_in(token, command, &[], &look, Duration::from_millis(100)).unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
        assert!(error.to_string().contains("100ms"), "{error}");
    }
}
