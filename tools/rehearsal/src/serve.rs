//! `rehearsal serve`: the stand-ins as a process of their own, until stdin ends or a signal comes.
//! Writes what clients need into the folder and prints it.

use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::fault;
use crate::message::Role;
use crate::stand_ins::{Options, StandIns};

/// Serves the stand-ins over the folder `dir` until stdin ends; `faults` is a file of rules.
///
/// Once all of them listen, `dir/overlay.json` is the overlay configuration and stdout has one line of JSON:
/// `{"schema": 1, "overlay": "<path>", "canaries": "<path>", "socket": "<path>", "endpoints": {"github_api": "http://..."}}`.
/// The tokens are in the file named by `canaries` and nowhere else.
pub fn serve(dir: &Path, faults: Option<&Path>) -> Result<()> {
    let rules = faults.map(fault::read).transpose()?.unwrap_or_default();
    let socket = dir.join("socket");
    let options = Options { rules, socket: Some(socket.clone()), ..Options::default() };
    let stand_ins = StandIns::start(dir, options)?;
    let overlay = dir.join("overlay.json");
    let mut text = serde_json::to_vec_pretty(&stand_ins.overlay())
        .context("failed to write the overlay configuration")?;
    text.push(b'\n');
    common::fs::replace(&overlay, &text)?;
    let line = json!({
        "schema": 1, "overlay": overlay, "canaries": dir.join("canaries.json"), "socket": socket,
        "endpoints": {
            "github_api": stand_ins.origin(Role::GithubApi),
            "github_uploads": stand_ins.origin(Role::GithubUploads),
            "github_storage": stand_ins.origin(Role::GithubStorage),
            "github_web": stand_ins.origin(Role::GithubWeb),
        },
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .context("failed to write to stdout")?;
    std::io::stdin().lock().read_to_end(&mut Vec::new()).context("failed to wait on stdin")?;
    Ok(())
}
