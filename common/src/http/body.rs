//! What a request carries: nothing, bytes, or files that must still be what was hashed.
//! Knows nothing of servers; it is opened anew for every attempt.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::wire;
use crate::error::Failure;

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub struct Body {
    content_type: Option<String>,
    parts: Vec<Part>,
}

/// A piece of a body, for forms that wrap files.
#[derive(Clone, Debug)]
pub enum Part {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A file that must have this size and digest.
    Artifact {
        /// Where it is.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// Its SHA-256 in hex.
        sha256: String,
    },
}

impl Body {
    /// Makes a body of no bytes and no type.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Makes a body of bytes in memory.
    pub fn bytes(content_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self::parts(content_type, vec![Part::Bytes(bytes)])
    }

    /// Makes a body of one file, streamed from disk and hashed on the way.
    ///
    /// Its last block is held back until size and digest (in hex) agree, so a file that changed since it was hashed
    /// never arrives whole: sending it is a refused failure.
    pub fn artifact(
        content_type: impl Into<String>,
        path: impl Into<PathBuf>,
        size: u64,
        sha256: impl Into<String>,
    ) -> Self {
        Self::parts(
            content_type,
            vec![Part::Artifact { path: path.into(), size, sha256: sha256.into() }],
        )
    }

    /// Makes a body of several pieces, one after another: a multipart form with files in it.
    pub fn parts(content_type: impl Into<String>, parts: Vec<Part>) -> Self {
        Self { content_type: Some(content_type.into()), parts }
    }

    /// Returns its length in bytes.
    pub fn length(&self) -> u64 {
        self.parts.iter().map(Part::length).sum()
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Tells whether a server may have to think about it: files are stored, scanned, moved before the answer.
    pub(super) fn is_upload(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Artifact { .. }))
    }

    /// Opens the body for one attempt; files whose size differs already are refused before anything is sent.
    pub(super) fn open<'a>(&'a self, progress: Option<&'a dyn Fn(u64)>) -> Result<Outgoing<'a>> {
        let mut sources = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            sources.push(match part {
                Part::Bytes(bytes) => Source::Bytes(bytes),
                Part::Artifact { path, size, sha256 } => {
                    Source::File(OpenFile::open(path, *size, sha256)?)
                }
            });
        }
        sources.reverse();
        Ok(Outgoing { sources, sent: 0, length: self.length(), progress, failure: None })
    }
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::Artifact { size, .. } => *size,
        }
    }
}

/// A body on its way.
pub(super) struct Outgoing<'a> {
    /// The next one last.
    sources: Vec<Source<'a>>,
    sent: u64,
    length: u64,
    progress: Option<&'a dyn Fn(u64)>,
    failure: Option<anyhow::Error>,
}

enum Source<'a> {
    Bytes(&'a [u8]),
    File(OpenFile<'a>),
}

impl Outgoing<'_> {
    /// Returns why reading ended early, once.
    pub(super) fn failure(&mut self) -> Option<anyhow::Error> {
        self.failure.take()
    }

    /// Tells whether every byte was handed over to a connection that took it.
    pub(super) fn is_delivered(&self) -> bool {
        self.sent == self.length && !wire::is_cut()
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while let Some(source) = self.sources.last_mut() {
            let count = match source {
                Source::Bytes(bytes) => bytes.read(buffer)?,
                Source::File(file) => file.fill(buffer)?,
            };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.sources.pop();
        }
        Ok(0)
    }
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if wire::is_cut() {
            // Nothing of this leaves any more; the rest is only counted so that the answer can be read.
            let left = usize::try_from(self.length - self.sent).unwrap_or(usize::MAX);
            let count = left.min(buffer.len());
            self.sent += count as u64;
            return Ok(count);
        }
        match self.fill(buffer) {
            // ureq would spin for ever on a body that ends before its announced length.
            Ok(0) if !buffer.is_empty() && self.sent < self.length => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the body ended early"))
            }
            Ok(count) => {
                self.sent += count as u64;
                if let Some(progress) = self.progress {
                    progress(self.sent);
                }
                Ok(count)
            }
            Err(error) => {
                let shown = error.to_string();
                self.failure = Some(error);
                Err(io::Error::other(shown))
            }
        }
    }
}

struct OpenFile<'a> {
    path: &'a Path,
    file: File,
    hasher: Sha256,
    size: u64,
    left: u64,
    sha256: &'a str,
}

impl<'a> OpenFile<'a> {
    fn open(path: &'a Path, size: u64, sha256: &'a str) -> Result<Self> {
        let file =
            File::open(path).with_context(|| format!("failed to open `{}`", path.display()))?;
        let found = file
            .metadata()
            .with_context(|| format!("failed to look at `{}`", path.display()))?
            .len();
        if found != size {
            return Err(changed(
                path,
                &format!("it has {found} bytes and had {size} when it was hashed"),
            ));
        }
        let opened = Self { path, file, hasher: Sha256::new(), size, left: size, sha256 };
        if size == 0 {
            opened.compare(&hex(&Sha256::digest([])))?;
        }
        Ok(opened)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let mut count = 0;
        while count < want {
            let read = match self.file.read(&mut buffer[count..want]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("failed to read `{}`", self.path.display()));
                }
            };
            if read == 0 {
                let reason =
                    format!("it ends before the {} bytes it had when it was hashed", self.size);
                return Err(changed(self.path, &reason));
            }
            count += read;
        }
        if want == 0 {
            return Ok(0);
        }
        self.hasher.update(&buffer[..count]);
        self.left -= count as u64;
        if self.left == 0 {
            // This is the last block: it is handed on only when everything agrees.
            let more = self
                .file
                .read(&mut [0])
                .with_context(|| format!("failed to read `{}`", self.path.display()))?;
            if more > 0 {
                let reason =
                    format!("it goes on after the {} bytes it had when it was hashed", self.size);
                return Err(changed(self.path, &reason));
            }
            let found = hex(&std::mem::take(&mut self.hasher).finalize());
            self.compare(&found)?;
        }
        Ok(count)
    }

    fn compare(&self, found: &str) -> Result<()> {
        if found.eq_ignore_ascii_case(self.sha256) {
            return Ok(());
        }
        Err(changed(self.path, &format!("its sha256 is {found} and was {}", self.sha256)))
    }
}

fn changed(path: &Path, how: &str) -> anyhow::Error {
    Failure::refused(format!("refusing to send `{}`: {how}", path.display()))
        .hint("put back the file that was hashed, or build a new version; the bytes of this one are fixed")
        .into()
}

/// Writes a digest in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
