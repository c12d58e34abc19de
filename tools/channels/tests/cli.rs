//! The real program with shell scripts as channels: order, gate, needs, isolation, ends, reports.
//! Each script is a program of its own; what it was asked is read from a file that it writes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "cli/harness.rs"]
mod harness;

#[path = "cli/contract.rs"]
mod contract;
#[path = "cli/ends.rs"]
mod ends;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/isolation.rs"]
mod isolation;
#[path = "cli/order.rs"]
mod order;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/terminal.rs"]
mod terminal;
