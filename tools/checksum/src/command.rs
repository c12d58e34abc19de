//! The command line: four verbs, each in a file of its own.

use anyhow::Result;
use clap::{Parser, Subcommand};
use common::cli::{Flags, Outcome, Program};

use crate::{create, merge, restore, verify};

/// List the artifacts of a release, hash each once, freeze and verify the list
#[derive(Debug, Parser)]
#[command(name = "checksum")]
pub(crate) struct Checksum {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Freeze the artifacts of a tag in manifest.json and checksums.txt
    Create(create::Create),
    /// Compare the files with the manifest, or with a list of digests
    Verify(verify::Verify),
    /// Join the manifests of several build machines into one
    Merge(merge::Merge),
    /// Bring manifest and artifacts back from the staged or published release
    Restore(restore::Restore),
}

impl Program for Checksum {
    fn flags(&self) -> &Flags {
        &self.flags
    }

    fn verb(&self) -> String {
        match self.verb {
            Verb::Create(_) => "create",
            Verb::Verify(_) => "verify",
            Verb::Merge(_) => "merge",
            Verb::Restore(_) => "restore",
        }
        .to_owned()
    }

    fn run(self, outcome: &mut Outcome) -> Result<()> {
        match self.verb {
            Verb::Create(create) => create.run(&self.flags, outcome),
            Verb::Verify(verify) => verify.run(&self.flags, outcome),
            Verb::Merge(merge) => merge.run(&self.flags, outcome),
            Verb::Restore(restore) => restore.run(&self.flags, outcome),
        }
    }
}
