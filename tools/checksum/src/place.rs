//! Brings a file into a folder without ever replacing another: a hard link, else a copy that is checked.
//! Knows digests and paths, not artifacts.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use common::digest::{self, Algorithm, Hasher};
use common::error::Failure;
use common::report::Action;

/// Puts the file of this SHA-256 at `target`; the same bytes already there are fine, others are refused.
pub(crate) fn place(source: &Path, target: &Path, sha256: &str) -> Result<Action> {
    let wrap = || format!("failed to bring `{}` to `{}`", source.display(), target.display());
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).with_context(wrap)?;
    }
    // A link to a link would name the link: what it leads to is meant.
    let source = source.canonicalize().with_context(wrap)?;
    match fs::hard_link(&source, target) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return keep(target, sha256),
        // Another file system, or one without links.
        Err(_) => return copy(&source, target, sha256).with_context(wrap),
    }
    // The digest is of the bytes some moments ago; a link that is not of them must not stay.
    if digest::of_file(target, Algorithm::Sha256)?.sha256 != sha256 {
        fs::remove_file(target).with_context(wrap)?;
        return Err(digest::changed(&source));
    }
    Ok(Action::Created)
}

/// Tells whether a target is free or holds these bytes already.
pub(crate) fn is_free(target: &Path, sha256: &str) -> Result<bool> {
    if fs::symlink_metadata(target).is_err() {
        return Ok(true);
    }
    Ok(digest::of_file(target, Algorithm::Sha256)?.sha256 == sha256)
}

fn keep(target: &Path, sha256: &str) -> Result<Action> {
    let there = digest::of_file(target, Algorithm::Sha256)?.sha256;
    if there == sha256 {
        return Ok(Action::Unchanged);
    }
    Err(Failure::refused(format!(
        "refusing to replace `{}`: it has sha256 {there}, not {sha256}",
        target.display()
    ))
    .hint("move it out of the way if it is not wanted, then run the same command again")
    .into())
}

fn copy(source: &Path, target: &Path, sha256: &str) -> Result<Action> {
    let mut from = File::open(source)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut to = tempfile::Builder::new()
        .prefix(".landfall-")
        .permissions(from.metadata()?.permissions())
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut buffer = vec![0; digest::BUFFER];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
    if hasher.finish().sha256 != sha256 {
        return Err(digest::changed(source));
    }
    to.as_file().sync_all()?;
    match to.persist_noclobber(target) {
        Ok(_) => Ok(Action::Created),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => keep(target, sha256),
        Err(error) => Err(error.error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (tempfile::TempDir, std::path::PathBuf, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("source");
        common::fs::replace(&source, b"bytes").expect("written");
        (folder, source, digest::sha256(b"bytes"))
    }

    #[test]
    fn a_file_is_placed_once_and_never_over_another() {
        let (folder, source, sha256) = sample();
        let target = folder.path().join("sub/target");
        assert_eq!(place(&source, &target, &sha256).expect("placed"), Action::Created);
        assert_eq!(place(&source, &target, &sha256).expect("there"), Action::Unchanged);
        common::fs::replace(&target, b"other").expect("written");
        let error = place(&source, &target, &sha256).expect_err("it differs").to_string();
        assert!(error.starts_with("refusing to replace"), "{error}");
        assert_eq!(common::fs::read(&target).expect("read"), b"other");
    }

    #[test]
    fn a_file_with_other_bytes_than_promised_leaves_nothing_behind() {
        let (folder, source, _) = sample();
        let target = folder.path().join("target");
        let wrong = "0".repeat(64);
        place(&source, &target, &wrong).expect_err("it differs");
        copy(&source, &target, &wrong).expect_err("it differs");
        assert!(!target.exists());
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[test]
    fn a_copy_keeps_the_mode_and_yields_to_what_is_there() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, source, sha256) = sample();
        fs::set_permissions(&source, fs::Permissions::from_mode(0o755)).expect("executable");
        let target = folder.path().join("target");
        assert_eq!(copy(&source, &target, &sha256).expect("copied"), Action::Created);
        assert_eq!(fs::metadata(&target).expect("metadata").permissions().mode() & 0o777, 0o755);
        assert_eq!(copy(&source, &target, &sha256).expect("there"), Action::Unchanged);
    }
}
