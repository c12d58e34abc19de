//! Where the body of a 2xx goes: kept in memory, hashed only, or saved whole under a name.
//! Knows nothing of requests; every attempt begins from nothing.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::body::hex;
use super::trouble::Trouble;
use crate::error::Failure;

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The size in bytes.
    pub size: u64,
    /// The SHA-256 in lower-case hex.
    pub sha256: String,
}

/// What a download must be; what is not said is not checked.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The size in bytes.
    pub size: Option<u64>,
    /// The SHA-256 in hex.
    pub sha256: Option<String>,
}

impl Expected {
    /// Expects this size and digest.
    pub fn new(size: u64, sha256: impl Into<String>) -> Self {
        Self { size: Some(size), sha256: Some(sha256.into()) }
    }
}

/// Where the body of a 2xx goes.
#[derive(Clone, Debug)]
pub(super) enum Sink {
    Keep,
    Hash,
    Save(PathBuf, Expected),
}

/// How the body of a 2xx is received.
pub(super) struct Reception<'a> {
    /// For messages.
    pub(super) operation: &'a str,
    /// The most bytes it may have.
    pub(super) most: u64,
    pub(super) progress: Option<&'a dyn Fn(u64)>,
}

impl Reception<'_> {
    /// Reads a body into a sink; an error of reading is left to `read_error`.
    pub(super) fn receive(
        &self,
        reader: &mut dyn Read,
        sink: &Sink,
        read_error: &dyn Fn(io::Error) -> Trouble,
    ) -> Result<(Vec<u8>, Option<Received>), Trouble> {
        match sink {
            Sink::Keep => {
                let mut kept = Vec::new();
                self.copy(reader, self.most, read_error, &mut |block| {
                    kept.extend_from_slice(block);
                    Ok(())
                })?;
                Ok((kept, None))
            }
            Sink::Hash => {
                let mut hasher = Sha256::new();
                let size = self.copy(reader, self.most, read_error, &mut |block| {
                    hasher.update(block);
                    Ok(())
                })?;
                Ok((Vec::new(), Some(Received { size, sha256: hex(&hasher.finalize()) })))
            }
            Sink::Save(path, expected) => {
                let received = self.save(reader, path, expected, read_error)?;
                Ok((Vec::new(), Some(received)))
            }
        }
    }

    fn save(
        &self,
        reader: &mut dyn Read,
        path: &Path,
        expected: &Expected,
        read_error: &dyn Fn(io::Error) -> Trouble,
    ) -> Result<Received, Trouble> {
        let mut file = beside(path)?;
        let mut hasher = Sha256::new();
        let most = expected.size.unwrap_or(u64::MAX).min(self.most);
        let size = self.copy(reader, most, read_error, &mut |block| {
            hasher.update(block);
            file.write_all(block).with_context(|| format!("failed to write `{}`", path.display()))
        })?;
        let received = Received { size, sha256: hex(&hasher.finalize()) };
        let refused = |what: String| {
            Failure::refused(format!(
                "refusing to save `{}` from `{}`: {what}",
                path.display(),
                self.operation
            ))
            .hint("somebody replaced these bytes; compare with the manifest of the release")
        };
        if let Some(wanted) = expected.size.filter(|wanted| *wanted != received.size) {
            return Err(
                refused(format!("it has {} bytes, expected {wanted}", received.size)).into()
            );
        }
        if let Some(wanted) = &expected.sha256
            && !wanted.eq_ignore_ascii_case(&received.sha256)
        {
            return Err(
                refused(format!("its sha256 is {}, expected {wanted}", received.sha256)).into()
            );
        }
        file.as_file()
            .sync_all()
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        file.persist(path)
            .map_err(|error| error.error)
            .with_context(|| format!("failed to put `{}` in place", path.display()))?;
        Ok(received)
    }

    fn copy(
        &self,
        reader: &mut dyn Read,
        most: u64,
        read_error: &dyn Fn(io::Error) -> Trouble,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<u64, Trouble> {
        let mut block = vec![0; 64 * 1024];
        let mut size = 0;
        loop {
            let count = match reader.read(&mut block) {
                Ok(0) => return Ok(size),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(read_error(error)),
            };
            size += count as u64;
            if size > most {
                return Err(Failure::refused(format!(
                    "`{}` answered with more than the {most} bytes it may have",
                    self.operation
                ))
                .into());
            }
            take(&block[..count])?;
            if let Some(progress) = self.progress {
                progress(size);
            }
        }
    }
}

/// Makes the temporary file next to its future name, readable as any other file.
fn beside(path: &Path) -> Result<NamedTempFile> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".landfall-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder)
        .with_context(|| format!("failed to make a file in `{}`", folder.display()))
}
