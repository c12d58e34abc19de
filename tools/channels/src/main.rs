//! `channels`: run one verb over all enabled channels.
//!
//! ```text
//! SYNOPSIS
//!     channels check|stage|publish|promote|verify|status|rollback TAG [--only A,B] [--skip C]
//!     channels report TAG
//!     channels init | schema | describe
//!
//! ENVIRONMENT
//!     DISTRIBUTION_CONFIG   the configuration, where --config names none
//!     LANDFALL_OVERLAY      set by a rehearsal: programs that cannot be rehearsed are left out
//!     CI, NO_COLOR          no live display; no colour
//!     A program gets no variable but those that all programs get and those of its own channel.
//!
//! OUTPUT
//!     stdout  the URLs (stage, publish, promote), the table (status, verify, report), or one
//!             document with --json
//!     stderr  what the programs say, live, and one report at the end, also as dist/report.json
//!
//! EXIT CODES
//!     The worst of the programs', in the order 2, 1, 3, 75, 0; optional channels do not count.
//! ```

mod again;
mod arguments;
mod call;
mod child;
mod children;
mod describe;
mod display;
mod document;
mod environment;
mod fleet;
mod free;
mod init;
mod live;
mod outcome;
mod program;
mod report;
mod rollback;
mod schema;
mod session;
mod span;
mod story;
mod table;
mod told;
mod verb;
mod waves;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::main::<arguments::Arguments>()
}
