//! COMMAND itself: started in its closed environment, passed through, stopped when we are.
//! Knows nothing of stand-ins; what passes is searched for canaries on its way.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use common::error::Failure;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::canary::{Canaries, Hit};
use super::environment::Environment;

/// How long COMMAND may take to end itself once it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// How long a grandchild that outlives COMMAND may keep its output open.
const LINGER: Duration = Duration::from_secs(2);

/// How COMMAND ended, and what it leaked on the way.
pub(super) struct Ended {
    /// Its exit code; 1 for a signal.
    pub(super) code: u8,
    /// `stdout` or `stderr`, with what was seen there.
    pub(super) hits: Vec<(&'static str, Hit)>,
}

enum Event {
    Signal(i32),
    Exit(io::Result<ExitStatus>),
}

/// COMMAND, before it is started and while it runs.
#[derive(Default)]
pub(super) struct Child {
    pid: OnceLock<Pid>,
}

impl Child {
    /// Kills COMMAND without a word, when a fault says so.
    pub(super) fn kill(&self) {
        send(self.pid.get(), Signal::KILL);
    }

    /// Runs COMMAND to its end.
    ///
    /// # Errors
    /// When it cannot be started; usage where there is no such program.
    pub(super) fn run(
        &self,
        command: &[OsString],
        environment: &Environment,
        canaries: &Arc<Canaries>,
    ) -> Result<Ended> {
        let (program, arguments) = command.split_first().context("there is no command to run")?;
        let (sender, events) = mpsc::channel();
        // Registered before there is a child, so that no signal finds us unprepared.
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("failed to listen for signals")?;
        let signal_sender = sender.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                // Without a command to end, a signal means what it always means.
                if signal_sender.send(Event::Signal(signal)).is_err() {
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
            }
        });
        #[expect(
            clippy::disallowed_methods,
            reason = "common::sh captures; this one passes on while it runs"
        )]
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                Failure::usage(format!("failed to start `{}`", program.to_string_lossy()))
                    .because(error)
            })?;
        let pid = self.pid.get_or_init(|| Pid::from_child(&child));
        let stdout = child.stdout.take().map(|from| pass(from, io::stdout(), "stdout", canaries));
        let stderr = child.stderr.take().map(|from| pass(from, io::stderr(), "stderr", canaries));
        std::thread::spawn(move || sender.send(Event::Exit(child.wait())));
        let status = watch(&events, *pid).context("failed to wait for the command")?;
        let until = Instant::now() + LINGER;
        let hits =
            [stdout, stderr].into_iter().flatten().flat_map(|stream| collect(&stream, until));
        Ok(Ended { code: code(status), hits: hits.collect() })
    }
}

/// Waits for the exit; hands signals on, and kills when they are not obeyed.
fn watch(events: &mpsc::Receiver<Event>, child: Pid) -> io::Result<ExitStatus> {
    let mut asked: Option<Instant> = None;
    loop {
        let left = asked.map_or(Duration::MAX, |asked| GRACE.saturating_sub(asked.elapsed()));
        match events.recv_timeout(left.min(Duration::from_secs(3600))) {
            Ok(Event::Exit(status)) => return status,
            // Ctrl-C on a terminal reached COMMAND too, and twice may mean "at once" to it.
            Ok(Event::Signal(SIGINT)) if in_foreground() => {}
            Ok(Event::Signal(signal)) => {
                asked.get_or_insert_with(Instant::now);
                send(Some(&child), Signal::from_named_raw(signal).unwrap_or(Signal::TERM));
            }
            Err(_) if left.is_zero() => {
                send(Some(&child), Signal::KILL);
                asked = None;
            }
            Err(_) => {}
        }
    }
}

fn send(child: Option<&Pid>, signal: Signal) {
    if let Some(&child) = child {
        // It may have ended in this very moment: then there is nobody to tell.
        let _ = kill_process(child, signal);
    }
}

fn in_foreground() -> bool {
    let stderr = io::stderr();
    stderr.is_terminal()
        && rustix::termios::tcgetpgrp(&stderr)
            .is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Copies a stream piece by piece as it comes, and sends what was seen in it.
fn pass(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    name: &'static str,
    canaries: &Arc<Canaries>,
) -> mpsc::Receiver<Option<(&'static str, Hit)>> {
    let (sender, receiver) = mpsc::channel();
    let canaries = Arc::clone(canaries);
    std::thread::spawn(move || {
        let mut search = canaries.search();
        let mut piece = vec![0; 64 * 1024];
        loop {
            match from.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => {
                    // A reader that went away must not stop COMMAND, nor the search.
                    let _ = to.write_all(&piece[..count]).and_then(|()| to.flush());
                    for hit in search.feed(&piece[..count]) {
                        let _ = sender.send(Some((name, hit)));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = sender.send(None);
    });
    receiver
}

/// Takes what a stream had, until it ends or too long after COMMAND did.
fn collect(
    stream: &mpsc::Receiver<Option<(&'static str, Hit)>>,
    until: Instant,
) -> Vec<(&'static str, Hit)> {
    let next = || stream.recv_timeout(until.saturating_duration_since(Instant::now()));
    std::iter::from_fn(|| next().ok().flatten()).collect()
}

fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
