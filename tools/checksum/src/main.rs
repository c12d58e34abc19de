//! `checksum` lists the artifacts of a release, hashes each once, and freezes the list.
//!
//! NAME       checksum - `dist/manifest.json` and `dist/checksums.txt` of a release
//! SYNOPSIS   checksum create TAG [FILE|DIR...] [--algorithm sha256|sha512] [--commit SHA]
//!            checksum verify [FILE]
//!            checksum merge DIR|MANIFEST... --output DIR
//!            checksum restore TAG
//! ENVIRONMENT  `DISTRIBUTION_CONFIG`: the configuration, where --config names none
//! OUTPUT     the manifest's path; with --json one document
//! EXIT CODES see `checksum --help`; `verify` ends with 3 when a file is missing, different or too much

mod collect;
mod command;
mod create;
mod draft;
mod foreign;
mod freeze;
mod frozen;
mod hand;
mod inside;
mod merge;
mod place;
mod pool;
mod recognise;
mod restore;
mod verify;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::main::<command::Checksum>()
}
