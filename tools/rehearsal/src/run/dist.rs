//! The rehearsal's own `dist/`: the user's built files by link, and beside them what the rehearsed
//! release makes. The user's folder keeps no manifest, receipt or note of a rehearsal.
//! Knows the names of what a release makes, not what is in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use common::console;
use common::digest::{self, Algorithm};

/// What a release makes in `dist/`; a rehearsal makes its own.
const MADE: [&str; 4] = ["receipts", "derived", "report.json", "rehearsal.json"];
/// What `checksum create` froze: taken along where it is there, so that the same list is rehearsed.
const FROZEN: [&str; 2] = ["manifest.json", "checksums.txt"];

/// Brings `copy` up to date with `dist`, leaving out `state`. Returns whether there is anything
/// to release from.
pub(super) fn mirror(dist: &Path, copy: &Path, state: &Path) -> Result<bool> {
    if !dist.is_dir() {
        return Ok(false);
    }
    let frozen = dist.join(FROZEN[0]).is_file();
    let ours = |name: &Path| {
        let first =
            name.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        first.is_none_or(|first| {
            first.starts_with('.')
                || MADE.contains(&first.as_str())
                || (!frozen && FROZEN.contains(&first.as_str()))
        })
    };
    let source = list(dist, state)?;
    let wanted: BTreeSet<&PathBuf> = source.iter().filter(|name| !ours(name)).collect();
    if wanted.is_empty() {
        return Ok(false);
    }
    let there = if copy.is_dir() { list(copy, state)? } else { BTreeSet::new() };
    let mut changed = false;
    for name in there.iter().filter(|name| !ours(name) && !wanted.contains(name)) {
        common::fs::remove(&copy.join(name))?;
        changed = true;
    }
    for name in wanted {
        let (from, to) = (dist.join(name), copy.join(name));
        if !there.contains(name) {
            link(&from, &to)?;
            changed |= !there.is_empty();
        } else if !same(&from, &to)? {
            common::fs::remove(&to)?;
            link(&from, &to)?;
            changed = true;
        }
    }
    if changed {
        console::note("`dist` has changed since the last rehearsal: its list is made anew");
        forget(copy, frozen)?;
    }
    Ok(true)
}

/// Removes what was made of older files.
fn forget(copy: &Path, frozen: bool) -> Result<()> {
    let lists: &[&str] = if frozen { &[] } else { &FROZEN };
    for name in lists.iter().chain(&MADE) {
        let path = copy.join(name);
        if path.is_dir() {
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("failed to remove `{}`", path.display()))?;
        } else {
            common::fs::remove(&path)?;
        }
    }
    Ok(())
}

/// Lists the files below a folder by their names inside it; `state` is left out.
fn list(folder: &Path, state: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut names = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let failed = || format!("failed to read `{}`", current.display());
        for entry in std::fs::read_dir(&current).with_context(failed)? {
            let path = entry.with_context(failed)?.path();
            let inside_itself = path.canonicalize().is_ok_and(|path| path == state);
            if path.is_dir() && !inside_itself {
                folders.push(path);
            } else if path.is_file() {
                names.insert(path.strip_prefix(folder).unwrap_or(&path).to_owned());
            }
        }
    }
    Ok(names)
}

/// A second name for the same bytes; a copy where the file system has none, or for a link.
fn link(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("failed to bring `{}` to `{}`", from.display(), to.display());
    if let Some(folder) = to.parent() {
        common::fs::create_folder(folder)?;
    }
    let plain = from.symlink_metadata().with_context(failed)?.is_file();
    if plain && std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to).map(drop).with_context(failed)
}

/// Compares two files: one file under two names, or the same bytes.
fn same(one: &Path, other: &Path) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let look = |path: &Path| {
        path.metadata().with_context(|| format!("failed to look at `{}`", path.display()))
    };
    let (a, b) = (look(one)?, look(other)?);
    if (a.dev(), a.ino()) == (b.dev(), b.ino()) {
        return Ok(true);
    }
    let digest = |path| digest::of_file(path, Algorithm::Sha256).map(|digests| digests.sha256);
    Ok(a.len() == b.len() && digest(one)? == digest(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_files_are_taken_along_and_what_a_release_made_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (dist, state) = (top.join("dist"), top.join("dist/rehearsal"));
        let copy = state.join("dist");
        for name in [
            "a.tar.gz",
            "sub/b",
            "checksums.txt",
            "receipts/v1/github.json",
            ".locks/x",
            "rehearsal/old",
        ] {
            common::fs::replace(&dist.join(name), name.as_bytes()).unwrap();
        }
        assert!(mirror(&dist, &copy, &state).unwrap());
        let names = |folder: &Path| {
            let list = list(folder, &state).unwrap().into_iter();
            list.map(|name| name.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&copy), ["a.tar.gz", "sub/b"]);

        // What the rehearsal froze stays, until the files change.
        for name in ["manifest.json", "checksums.txt", "receipts/v1/github.json"] {
            common::fs::replace(&copy.join(name), b"rehearsed").unwrap();
        }
        common::fs::replace(&dist.join("a.tar.gz"), b"a.tar.gz").unwrap();
        mirror(&dist, &copy, &state).unwrap();
        assert_eq!(names(&copy).len(), 5);
        common::fs::replace(&dist.join("a.tar.gz"), b"rebuilt").unwrap();
        mirror(&dist, &copy, &state).unwrap();
        assert_eq!(names(&copy), ["a.tar.gz", "sub/b"]);
        assert_eq!(common::fs::read_text(&copy.join("a.tar.gz")).unwrap(), "rebuilt");

        // A list that was frozen in earnest is rehearsed as it is.
        common::fs::replace(&dist.join("manifest.json"), b"frozen").unwrap();
        mirror(&dist, &copy, &state).unwrap();
        assert_eq!(names(&copy), ["a.tar.gz", "checksums.txt", "manifest.json", "sub/b"]);
    }
}
