//! NAME
//!     gh-release - publish a GitHub release with notes, assets and checksums
//!
//! SYNOPSIS
//!     gh-release [VERB] TAG [OPTIONS]
//!
//! ENVIRONMENT
//!     `GITHUB_TOKEN`, `GH_TOKEN`    the token, where the configuration names none
//!     `GITHUB_REPOSITORY`           owner and repository, where neither is configured
//!
//! OUTPUT
//!     The release's address on stdout; with `--json` one document. Everything else on stderr.
//!
//! EXIT CODES
//!     See `gh-release --help`. The page for users is `README.md` beside this folder.

mod api;
mod apply;
mod explain;
mod findings;
mod github;
mod intent;
mod look;
mod names;
mod notes;
mod plan;
mod remote;
mod restore;
mod settings;
mod verify;
mod wire;

use std::process::ExitCode;

pub(crate) use github::GitHub;

fn main() -> ExitCode {
    common::channel::main::<GitHub>()
}
