//! NAME
//!     changelog - print the section of a version from git history, and the release notes
//!
//! SYNOPSIS
//!     changelog section TAG [--repository-url URL]
//!     changelog notes TAG [--repository-url URL] [--include-commits BOOL] [--include-prs BOOL]
//!         [--manifest FILE] [--url-template TEMPLATE] [--channel NAME=VALUE]... [--changelog FILE] [--limit N]
//!
//! OUTPUT
//!     Markdown on stdout and nothing else; the same bytes for the same commits, manifest and configuration.
//!     With --json one document whose `text` is that Markdown.
//!
//! ENVIRONMENT
//!     DISTRIBUTION_CONFIG names the configuration. No secret is read, and nothing is asked of the network.
//!
//! EXIT CODES
//!     Those of every program, see --help.

mod arguments;
mod channel;
mod entry;
mod history;
mod install;
mod list;
mod notes;
mod written;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::main::<arguments::Arguments>()
}
