//! A network of its own: this program starts itself again where nothing but loopback exists.
//! Knows nothing of what runs there. Where it cannot be made, the reason is told and all goes on.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use common::sh::{self, Shell};

/// Set for the second start: the network namespace of the first one.
const OUTER: &str = "REHEARSAL_OUTER_NETWORK";
const PATIENCE: Duration = Duration::from_secs(20);

/// How far the rehearsal is shut off.
pub(super) enum Network {
    /// Only loopback exists.
    Closed,
    /// A namespace could not be made, for this reason.
    Open(String),
}

/// Starts this program again in a network namespace and does not return from there; returns when
/// it is inside, or when that cannot be.
pub(super) fn close() -> Result<Network> {
    let here = std::fs::read_link("/proc/self/ns/net").unwrap_or_default();
    let outer = std::env::var_os(OUTER);
    // The variable alone proves nothing: somebody may have set it.
    if outer.as_ref().is_some_and(|outer| outer != here.as_os_str()) {
        loopback_up().context("failed to bring up loopback in the network namespace")?;
        return Ok(Network::Closed);
    }
    if outer.is_some() || here.as_os_str().is_empty() {
        return Ok(Network::Open("this system has no network namespaces".to_owned()));
    }
    let mut reason = String::new();
    // Root needs no user namespace, and loses nothing by having none.
    for options in [&["--net"][..], &["--user", "--map-root-user", "--net"]] {
        match probe(options) {
            Ok(()) => return Err(start_again(options, here.as_os_str())),
            Err(error) => reason = format!("{error:#}"),
        }
    }
    Ok(Network::Open(reason))
}

/// Does once, in a child, all that the second start depends on.
fn probe(options: &[&str]) -> Result<()> {
    let shell = Shell::new().context("failed to open a shell in the current folder")?;
    let command = shell.cmd("unshare").args(options).args(["--", "sh", "-c", LOOPBACK_UP]);
    sh::read(command, PATIENCE).map(drop)
}

/// `ip` is often outside the PATH of who is not root.
const LOOPBACK_UP: &str = "PATH=$PATH:/usr/sbin:/sbin exec ip link set lo up";

fn loopback_up() -> Result<()> {
    let shell = Shell::new().context("failed to open a shell in the current folder")?;
    sh::read(shell.cmd("sh").args(["-c", LOOPBACK_UP]), PATIENCE).map(drop)
}

/// Becomes `unshare`, which becomes this program again: the process id stays, so a signal sent
/// to it still arrives.
fn start_again(options: &[&str], here: &OsStr) -> anyhow::Error {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return anyhow::Error::new(error).context("failed to find this program"),
    };
    #[expect(clippy::disallowed_methods, reason = "nothing to capture: this process is replaced")]
    let error = Command::new("unshare")
        .args(options)
        .arg("--")
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env(OUTER, here)
        .exec();
    anyhow::Error::new(error).context("failed to start `unshare`")
}
