//! One writer at a time: an advisory lock in `dist/` that names its holder.
//! Knows nothing of what is protected by it; the lock ends with the process, however that ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::error::Failure;

/// How long a second run waits before it gives up with exit code 75.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A held lock; dropping it lets the next one in.
#[derive(Debug)]
pub struct Lock {
    // The operating system releases the lock when this is closed.
    _file: File,
}

/// Takes the lock `DIST/.locks/NAME`, waiting at most `patience` for its holder to finish.
///
/// # Errors
/// Temporary, naming the holder's process id, when it does not finish in time.
pub fn take(dist: &Path, name: &str, patience: Duration) -> Result<Lock> {
    let path = path(dist, name);
    let wrap = || format!("failed to lock `{}`", path.display());
    fs::create_dir_all(dist.join(".locks")).with_context(wrap)?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(wrap)?;
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(held(&mut file, &path).into()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(wrap),
        }
    }
    file.set_len(0).with_context(wrap)?;
    file.rewind().with_context(wrap)?;
    writeln!(file, "{}", std::process::id()).with_context(wrap)?;
    Ok(Lock { _file: file })
}

fn path(dist: &Path, name: &str) -> PathBuf {
    dist.join(".locks").join(name)
}

fn held(file: &mut File, path: &Path) -> Failure {
    let mut holder = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut holder));
    let holder = match holder.trim() {
        "" => "another process".to_owned(),
        pid => format!("process {pid}"),
    };
    Failure::temporary(format!("`{}` is held by {holder}", path.display()))
        .hint(format!("let {holder} finish, then run the same command again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};

    #[test]
    fn the_second_is_told_who_holds_it_and_a_third_gets_it_after_the_first() {
        let dist = tempfile::tempdir().unwrap();
        let first = take(dist.path(), "github", Duration::ZERO).unwrap();
        let error = take(dist.path(), "github", Duration::ZERO).unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        take(dist.path(), "github", Duration::ZERO).unwrap();
        take(dist.path(), "pypi", Duration::ZERO).unwrap();
    }
}
