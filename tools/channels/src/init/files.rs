//! The files that `init` makes. One that is there is its owner's: it stays, and that is said.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use common::fs;
use common::report::{Action, Item};

/// Writes files, or on a dry run only says which.
#[derive(Debug)]
pub(super) struct Files {
    force: bool,
    dry_run: bool,
    /// What was done, file by file.
    pub(super) items: Vec<Item>,
}

impl Files {
    /// Begins; with `force` files that are there are replaced.
    pub(super) fn new(force: bool, dry_run: bool) -> Self {
        Self { force, dry_run, items: Vec::new() }
    }

    /// Writes a file where there is none. Returns whether it did.
    pub(super) fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<bool> {
        let there = path.symlink_metadata().is_ok();
        let same = there && fs::read(path).is_ok_and(|old| old == bytes);
        if there && (same || !self.force) {
            self.leave(path);
            return Ok(false);
        }
        self.put(path, bytes, if there { Action::Updated } else { Action::Created })?;
        Ok(true)
    }

    /// Writes a file that can be executed.
    pub(super) fn write_program(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        if self.write(path, bytes)? && !self.dry_run {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
                .with_context(|| format!("failed to make `{}` executable", path.display()))?;
        }
        Ok(())
    }

    /// Says that a file stays as it is.
    pub(super) fn leave(&mut self, path: &Path) {
        self.items.push(Item::new(path.display().to_string(), Action::Unchanged));
    }

    /// Makes sure that git ignores the folder of built files.
    pub(super) fn ignore(&mut self, dist: &Path) -> Result<()> {
        let path = Path::new(".gitignore");
        let name = dist.display().to_string();
        let name = name.trim_matches('/');
        let old = fs::read_text_if_there(path)?;
        let said = |text: &str| text.lines().any(|line| line.trim().trim_matches('/') == name);
        match old {
            // A folder elsewhere is no matter of this repository.
            _ if dist.is_absolute() || name.starts_with("..") => Ok(()),
            Some(old) if said(&old) => {
                self.leave(path);
                Ok(())
            }
            Some(mut text) => {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                self.put(path, format!("{text}{name}/\n").as_bytes(), Action::Updated)
            }
            None => self.put(path, format!("{name}/\n").as_bytes(), Action::Created),
        }
    }

    fn put(&mut self, path: &Path, bytes: &[u8], action: Action) -> Result<()> {
        if !self.dry_run {
            fs::replace(path, bytes)?;
        }
        self.items.push(Item::new(path.display().to_string(), action));
        Ok(())
    }
}
