//! Streaming SHA-256 and SHA-512 of a file, and the lines of `checksums.txt` (in `lines`).
//! Knows nothing of releases: a file, its bytes, their digests.

pub mod lines;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

use crate::error::Failure;

/// Bytes read at once: larger buffers gain nothing, mapped memory loses (see the benchmark of `checksum`).
pub const BUFFER: usize = 128 * 1024;

/// A digest that `checksums.txt` can carry.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// SHA-256, 64 hexadecimal digits: what every channel asks for.
    #[default]
    Sha256,
    /// SHA-512, 128 hexadecimal digits.
    Sha512,
}

impl Algorithm {
    /// Returns the name in configuration, on the command line and in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// Finds the algorithm that a hexadecimal digest can only be from, by its length; `None` for anything else.
    pub fn of_hex(digest: &str) -> Option<Self> {
        let hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        match digest.len() {
            64 if hexadecimal => Some(Algorithm::Sha256),
            128 if hexadecimal => Some(Algorithm::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "sha256" => Ok(Algorithm::Sha256),
            "sha512" => Ok(Algorithm::Sha512),
            _ => Err(Failure::usage(format!("unknown digest algorithm `{text}`"))
                .hint("use sha256 or sha512")
                .into()),
        }
    }
}

/// What one pass over a file's bytes yields. Digests are lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Number of bytes hashed.
    pub size: u64,
    /// SHA-256 of them.
    pub sha256: String,
    /// SHA-512 of them, where it was asked for.
    pub sha512: Option<String>,
}

/// Hashes bytes as they come by.
#[derive(Clone, Debug)]
pub struct Hasher {
    size: u64,
    sha256: Sha256,
    sha512: Option<Sha512>,
}

impl Hasher {
    /// Starts with no bytes. SHA-256 is always computed, `Sha512` computes it as well.
    pub fn new(algorithm: Algorithm) -> Self {
        let sha512 = (algorithm == Algorithm::Sha512).then(Sha512::new);
        Self { size: 0, sha256: Sha256::new(), sha512 }
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.sha256.update(bytes);
        if let Some(sha512) = &mut self.sha512 {
            sha512.update(bytes);
        }
    }

    /// Ends the input.
    pub fn finish(self) -> Digests {
        Digests {
            size: self.size,
            sha256: hex(&self.sha256.finalize()),
            sha512: self.sha512.map(|sha512| hex(&sha512.finalize())),
        }
    }
}

/// What a file looked like at one moment; two unequal stamps mean that it changed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Stamp {
    /// Takes size, time of modification, and on Unix device and inode, from metadata.
    pub fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { size: metadata.len(), modified: metadata.modified().ok(), identity }
    }
}

/// Writes bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Hashes bytes already in memory with SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hashes one file in constant memory.
///
/// A file that is replaced, grows, shrinks or is written to meanwhile is refused: a digest of two
/// half files belongs to neither.
pub fn of_file(path: &Path, algorithm: Algorithm) -> anyhow::Result<Digests> {
    of_file_with(path, algorithm, &mut Vec::new())
}

/// Does what [`of_file`] does with a buffer of the caller's, so that many files share one.
pub fn of_file_with(
    path: &Path,
    algorithm: Algorithm,
    buffer: &mut Vec<u8>,
) -> anyhow::Result<Digests> {
    let shown = || format!("failed to read `{}`", path.display());
    let mut file = File::open(path).with_context(shown)?;
    let before = Stamp::of(&file.metadata().with_context(shown)?);
    buffer.resize(BUFFER, 0);
    let mut hasher = Hasher::new(algorithm);
    // Stops at the size that was promised: growth shows in the second stamp, and small files cost one read.
    while hasher.size < before.size {
        let count = file.read(buffer).with_context(shown)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let digests = hasher.finish();
    let after = Stamp::of(&file.metadata().with_context(shown)?);
    if before != after || digests.size != before.size {
        return Err(changed(path));
    }
    Ok(digests)
}

/// Makes the refusal of a file that changed while it was read.
pub fn changed(path: &Path) -> anyhow::Error {
    Failure::refused(format!("`{}` changed while it was being read", path.display()))
        .hint("let the build finish first, then run the same command again")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4's own examples for "abc".
    const ABC_256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const ABC_512: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                           2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn digests_are_those_of_the_standard() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        crate_write(&path, b"abc");
        let both = of_file(&path, Algorithm::Sha512).expect("digests");
        assert_eq!((both.size, both.sha256.as_str()), (3, ABC_256));
        assert_eq!(both.sha512.as_deref(), Some(ABC_512));
        assert_eq!(of_file(&path, Algorithm::Sha256).expect("digest").sha512, None);
        assert_eq!(sha256(b"abc"), ABC_256);
    }

    #[test]
    fn files_around_the_size_of_a_buffer_are_read_to_their_end() {
        let folder = tempfile::tempdir().expect("a folder");
        for size in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 7] {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let path = folder.path().join(size.to_string());
            crate_write(&path, &bytes);
            let digests = of_file(&path, Algorithm::Sha256).expect("digest");
            assert_eq!((digests.size, digests.sha256), (size as u64, sha256(&bytes)));
        }
    }

    #[test]
    fn a_stamp_tells_a_replaced_or_grown_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let stamp = || Stamp::of(&path.metadata().expect("metadata"));
        crate_write(&path, b"one");
        let first = stamp();
        assert_eq!(first, stamp());
        crate_write(&path, b"three");
        assert_ne!(first, stamp());
    }

    #[test]
    fn an_algorithm_is_known_by_the_length_of_its_digest() {
        assert_eq!(Algorithm::of_hex(ABC_256), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::of_hex(ABC_512), Some(Algorithm::Sha512));
        assert_eq!(Algorithm::of_hex(&ABC_256.replace('b', "g")), None);
        assert_eq!(Algorithm::of_hex("ba78"), None);
        assert!("md5".parse::<Algorithm>().is_err());
    }

    #[expect(clippy::disallowed_methods, reason = "a test writes its own input")]
    fn crate_write(path: &Path, bytes: &[u8]) {
        std::fs::write(path, bytes).expect("written");
    }
}
