//! The programs that run now: started, waited for, ended. The only place that sends a signal, and
//! only to what was started here and was not yet reaped. Knows nothing of what they say.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long a child may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The children that run now.
#[derive(Debug, Default)]
pub(crate) struct Children {
    running: Mutex<BTreeMap<u32, Pid>>,
    interrupted: AtomicBool,
}

/// How a child ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// By itself, or by a signal of somebody else.
    Itself(ExitStatus),
    /// It outlived its limit and was ended.
    Overdue,
    /// It was ended because this program was.
    Interrupted,
}

impl Children {
    /// Begins to listen for the signals by which people and systems end a program.
    pub(crate) fn watched() -> Result<Arc<Self>> {
        let children = Arc::new(Self::default());
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("failed to listen for signals")?;
        let watched = Arc::clone(&children);
        thread::spawn(move || {
            for _ in signals.forever() {
                // Whoever asks twice does not want to wait.
                let again = watched.interrupted.swap(true, Ordering::SeqCst);
                watched.signal(if again { Signal::KILL } else { Signal::TERM });
                if !again {
                    let watched = Arc::clone(&watched);
                    thread::spawn(move || {
                        thread::sleep(GRACE);
                        watched.signal(Signal::KILL);
                    });
                }
            }
        });
        Ok(children)
    }

    /// Tells whether this program was asked to end: nothing new may begin.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Starts a child in a process group of its own, so that a signal reaches what it starts too,
    /// and Ctrl-C at the terminal comes to us alone. `None` once interrupted.
    pub(crate) fn start(&self, command: &mut Command) -> io::Result<Option<Child>> {
        use std::os::unix::process::CommandExt;
        // Under the lock: an interrupt sees either no child yet, or one that it can end.
        let mut running = self.running();
        if self.interrupted() {
            return Ok(None);
        }
        let child = command.process_group(0).spawn()?;
        running.insert(child.id(), Pid::from_child(&child));
        Ok(Some(child))
    }

    /// Waits for a child, at most `limit` long; then it is ended.
    pub(crate) fn wait(&self, child: &mut Child, limit: Option<Duration>) -> io::Result<Ending> {
        let pid = Pid::from_child(child);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || {
            // The child is not reaped here, so its id cannot come to name another process.
            let wait = || {
                rustix::process::waitid(
                    WaitId::Pid(pid),
                    WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
                )
            };
            while matches!(wait(), Err(rustix::io::Errno::INTR)) {}
            let _ = sender.send(());
        });
        let within = |limit: Option<Duration>| match limit {
            Some(limit) => ended.recv_timeout(limit).is_ok(),
            None => ended.recv().is_ok(),
        };
        let in_time = within(limit);
        if !in_time {
            Self::send(pid, Signal::TERM);
            if !within(Some(GRACE)) {
                Self::send(pid, Signal::KILL);
                within(None);
            }
        }
        self.running().remove(&child.id());
        let status = child.wait()?;
        Ok(match in_time {
            false => Ending::Overdue,
            true if self.interrupted() && !status.success() => Ending::Interrupted,
            true => Ending::Itself(status),
        })
    }

    fn signal(&self, signal: Signal) {
        for pid in self.running().values() {
            Self::send(*pid, signal);
        }
    }

    /// A group that is gone already is what was wanted.
    fn send(group: Pid, signal: Signal) {
        let _ = rustix::process::kill_process_group(group, signal);
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u32, Pid>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the child is what is tested")]
    fn a_child_that_outlives_its_limit_is_ended_with_what_it_started() {
        let children = Children::default();
        let mut command = Command::new("sh");
        command
            .args(["-c", "tail -f /dev/null & echo $!; wait"])
            .stdout(std::process::Stdio::piped());
        let mut child = children.start(&mut command).unwrap().unwrap();
        let mut reader = io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        io::BufRead::read_line(&mut reader, &mut line).unwrap();
        let ending = children.wait(&mut child, Some(Duration::from_millis(50))).unwrap();
        assert!(matches!(ending, Ending::Overdue), "{ending:?}");
        assert!(children.running().is_empty());
        // The stream ends only when the last process that holds it has ended.
        assert_eq!(io::Read::read(&mut reader, &mut [0; 1]).unwrap(), 0);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the child is what is tested")]
    fn nothing_begins_after_an_interrupt() {
        let children = Children::default();
        children.interrupted.store(true, Ordering::SeqCst);
        assert!(children.start(&mut Command::new("true")).unwrap().is_none());
    }
}
