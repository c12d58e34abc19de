//! Tells by its content what a `.tar.gz` is where its name cannot: a Python source distribution or an npm package.
//! Reads names of entries only, in bounded time, and unpacks nothing.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use common::manifest::Kind;
use flate2::read::MultiGzDecoder;

/// How much is unpacked in search of the entry: source distributions are small, and nothing is awaited from a bomb.
const LIMIT: u64 = 256 << 20;

/// Returns the kind that the content proves; `None` where it proves nothing, also for a damaged archive.
pub(crate) fn kind(path: &Path, name: &str) -> Option<Kind> {
    let file = File::open(path).ok()?;
    let limited = MultiGzDecoder::new(BufReader::new(file)).take(LIMIT);
    let mut archive = tar::Archive::new(limited);
    // PEP 625: everything is below `name-version/`, with the metadata beside the sources.
    let metadata = format!("{}/PKG-INFO", name.strip_suffix(".tar.gz").unwrap_or_default());
    for entry in archive.entries().ok()? {
        let entry = entry.ok()?;
        let inside = entry.path_bytes();
        if *inside == *metadata.as_bytes() {
            return Some(Kind::Sdist);
        }
        if *inside == *b"package/package.json" {
            return Some(Kind::Package);
        }
    }
    None
}
