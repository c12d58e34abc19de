//! Reading and writing files with the path in every error, and whole-file replacement.
//! Knows nothing of what is in the files.
#![expect(clippy::disallowed_methods, reason = "this is the module that wraps them")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Reads a whole file as bytes.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// Reads a whole file as UTF-8 text.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// Reads a whole file as UTF-8 text; `None` where there is no such file.
pub fn read_text_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    }
}

/// Replaces a file whole: a temporary file beside it, fsync, rename, fsync of the folder.
/// A reader sees the old bytes or the new ones, also after a crash. Missing folders are made.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let wrap = || format!("failed to write `{}`", path.display());
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).with_context(wrap)?;
    let mut file = tempfile::Builder::new()
        .prefix(".landfall-")
        .permissions(shared_permissions())
        .tempfile_in(folder)
        .with_context(wrap)?;
    file.write_all(bytes).with_context(wrap)?;
    file.as_file().sync_all().with_context(wrap)?;
    file.persist(path).with_context(wrap)?;
    // The name itself is durable only once its folder is; not every file system can say so.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Temporary files are private by default; what replaces a user's file is readable as that was
/// (the process's umask still applies).
fn shared_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}

/// Replaces a file only when its bytes would change. Returns whether they did.
pub fn replace_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    replace(path, bytes)?;
    Ok(true)
}

/// Makes a folder and those above it; one that is there is fine.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path)
        .with_context(|| format!("failed to make the folder `{}`", path.display()))
}

/// Removes a file; one that is not there is fine. Returns whether it was.
pub fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("failed to remove `{}`", path.display())),
    }
}

/// Moves a file inside one file system.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .with_context(|| format!("failed to move `{}` to `{}`", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_the_error_names_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(!replace_if_changed(&path, b"two").unwrap());

        let error = read_text(&folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains("none"), "{error}");
        assert_eq!(read_text_if_there(&folder.path().join("none")).unwrap(), None);
    }

    #[test]
    fn a_failed_replacement_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "kept").unwrap();
        replace(&path, b"new").unwrap_err();
        assert_eq!(fs::read_to_string(path.join("inside")).unwrap(), "kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
