//! The folder of a rehearsal: the state, replaced whole after each change, and blobs named by digest.
//! Knows nothing of what the state means. No fsync: it must survive the client being killed, not the machine.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use common::error::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// A folder `D`, held by one process at a time.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    lock: File,
}

impl Store {
    /// Opens a folder, made where it is missing; bodies that never became blobs are swept away.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let make = |path: &Path| {
            std::fs::create_dir_all(path)
                .with_context(|| format!("failed to make folder `{}`", path.display()))
        };
        make(dir)?;
        let dir = dir
            .canonicalize()
            .with_context(|| format!("failed to find folder `{}`", dir.display()))?;
        let lock = lock(&dir.join("lock"))?;
        let spool = dir.join("spool");
        if spool.exists() {
            std::fs::remove_dir_all(&spool)
                .with_context(|| format!("failed to sweep `{}`", spool.display()))?;
        }
        make(&spool)?;
        make(&dir.join("blobs"))?;
        make(&dir.join("git"))?;
        Ok(Self { dir, lock })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Reads a JSON file; the default where there is none.
    pub(crate) fn load<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        let path = self.path(name);
        match common::fs::read_text_if_there(&path)? {
            Some(text) => serde_json::from_str(&text)
                .with_context(|| format!("failed to understand `{}`", path.display())),
            None => Ok(T::default()),
        }
    }

    /// Replaces a JSON file whole.
    pub(crate) fn save<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let path = self.path(name);
        let failed = || format!("failed to write `{}`", path.display());
        let bytes = serde_json::to_vec(value).with_context(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).with_context(failed)?;
        file.write_all(&bytes).with_context(failed)?;
        file.persist(&path).with_context(failed)?;
        Ok(())
    }

    /// Makes a new file for the body of a request; it goes away unless it is kept.
    pub(crate) fn spool(&self) -> Result<tempfile::NamedTempFile> {
        tempfile::NamedTempFile::new_in(self.path("spool"))
            .context("failed to make a file for the body of a request")
    }

    /// Turns a spooled body into a blob.
    pub(crate) fn keep(&self, spooled: tempfile::TempPath, sha256: &str) -> Result<()> {
        let path = self.blob(sha256);
        spooled.persist(&path).with_context(|| format!("failed to keep blob `{}`", path.display()))
    }

    /// Returns where a blob is kept.
    pub(crate) fn blob(&self, sha256: &str) -> PathBuf {
        self.dir.join("blobs").join(sha256)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that is just being started may still have it open.
        let _ = self.lock.unlock();
    }
}

/// Takes the lock of a folder: two servers over one state would overwrite each other's.
fn lock(path: &Path) -> Result<File> {
    let file =
        File::create(path).with_context(|| format!("failed to make lock `{}`", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message = format!("refusing to share `{}` with stand-ins that run", path.display());
            Err(Failure::temporary(message)
                .hint("end the other rehearsal, or use another --dir")
                .into())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("failed to lock `{}`", path.display()))
        }
    }
}

/// Returns the SHA-256 of bytes in lower-case hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
