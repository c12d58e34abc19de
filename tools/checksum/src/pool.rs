//! Hashes many files at once in bounded memory: a few threads that share a list of files, one buffer each.
//! Knows nothing of artifacts; results come back in the order of the list.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;

use anyhow::{Context, Result};
use common::digest::{self, Algorithm, Digests, Hasher, Stamp};

/// From this size a file is read by a thread of its own beside the hasher, where a processor is free.
const LARGE: u64 = 32 << 20;

/// Above this number of files their order makes no difference, and looking at their sizes costs more than it gains.
const MANY: usize = 512;

/// Buffers in flight between a reader and its hasher.
const IN_FLIGHT: usize = 3;
const READ_AHEAD: usize = 256 * 1024;

/// Hashes every file; a failure is the file's own and stops no other.
pub(crate) fn hash(files: &[&Path], algorithm: Algorithm) -> Vec<Result<Digests>> {
    hash_and(files, algorithm, |_| ()).into_iter().map(|(result, ())| result).collect()
}

/// Hashes every file, and in the same threads does what else is to be done for each, by its place in the list.
pub(crate) fn hash_and<T: Send + Sync>(
    files: &[&Path],
    algorithm: Algorithm,
    also: impl Fn(usize) -> T + Sync,
) -> Vec<(Result<Digests>, T)> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    hash_on(files, algorithm, processors, &also)
}

fn hash_on<T: Send + Sync>(
    files: &[&Path],
    algorithm: Algorithm,
    processors: usize,
    also: &(impl Fn(usize) -> T + Sync),
) -> Vec<(Result<Digests>, T)> {
    let (order, large) = order(files);
    let beside = large > 0 && large * 2 <= processors;
    let next = AtomicUsize::new(0);
    let results: Vec<OnceLock<(Result<Digests>, T)>> =
        files.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        let mut buffer = Vec::new();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = files[index];
            let result = if beside && size(path) >= LARGE {
                read_beside(path, algorithm)
            } else {
                digest::of_file_with(path, algorithm, &mut buffer)
            };
            let _ = results[index].set((result, also(index)));
        }
    };
    thread::scope(|scope| {
        for _ in 1..processors.min(files.len()) {
            scope.spawn(work);
        }
        work();
    });
    results
        .into_iter()
        .map(|result| result.into_inner().expect("every index was taken once"))
        .collect()
}

/// The largest first, so that no thread is left with a large file when the others are done;
/// and how many are large.
fn order(files: &[&Path]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..files.len()).collect();
    if files.len() > MANY {
        return (order, 0);
    }
    let sizes: Vec<u64> = files.iter().map(|path| size(path)).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(sizes[index]));
    (order, sizes.iter().filter(|&&size| size >= LARGE).count())
}

/// A file that cannot be asked counts as empty here; opening it will say why.
fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Reads in one thread and hashes in another: for one large file, copying out of the page cache
/// takes a seventh of the time that hashing does.
fn read_beside(path: &Path, algorithm: Algorithm) -> Result<Digests> {
    let shown = || format!("failed to read `{}`", path.display());
    let mut file = File::open(path).with_context(shown)?;
    let before = Stamp::of(&file.metadata().with_context(shown)?);
    let digests = thread::scope(|scope| -> Result<Digests> {
        let (full, filled) = mpsc::sync_channel::<std::io::Result<Vec<u8>>>(IN_FLIGHT);
        let (empty, emptied) = mpsc::sync_channel::<Vec<u8>>(IN_FLIGHT);
        for _ in 0..IN_FLIGHT {
            let _ = empty.try_send(Vec::new());
        }
        let source = &mut file;
        scope.spawn(move || {
            let mut left = before.size;
            // Ends when all is read, or when the hasher gave up and dropped its ends.
            while left > 0 {
                let Ok(mut buffer) = emptied.recv() else { return };
                buffer.resize(READ_AHEAD, 0);
                let read = source.read(&mut buffer).map(|count| {
                    buffer.truncate(count);
                    buffer
                });
                let ended = !matches!(&read, Ok(buffer) if !buffer.is_empty());
                left -= read.as_ref().map_or(0, |buffer| (buffer.len() as u64).min(left));
                if full.send(read).is_err() || ended {
                    return;
                }
            }
        });
        let mut hasher = Hasher::new(algorithm);
        for buffer in filled {
            let buffer = buffer.with_context(shown)?;
            hasher.update(&buffer);
            // The reader may have finished and gone.
            let _ = empty.try_send(buffer);
        }
        Ok(hasher.finish())
    })?;
    let after = Stamp::of(&file.metadata().with_context(shown)?);
    if before != after || digests.size != before.size {
        return Err(digest::changed(path));
    }
    Ok(digests)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Files of sizes around the limits; the large one is sparse, so it costs no disk.
    fn sample(folder: &Path) -> Vec<PathBuf> {
        let sizes = [1, LARGE - 1, LARGE, LARGE + 3, 4096, 70_000];
        let make = |(index, &size): (usize, &u64)| {
            let path = folder.join(format!("file-{index}"));
            let file = File::create(&path).expect("created");
            file.set_len(size).expect("sized");
            path
        };
        sizes.iter().enumerate().map(make).collect()
    }

    #[test]
    fn digests_do_not_depend_on_threads_or_on_who_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = sample(folder.path());
        let files: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let plain: Vec<Digests> = files
            .iter()
            .map(|path| digest::of_file(path, Algorithm::Sha512).expect("digests"))
            .collect();
        for processors in [1, 2, 5, 64] {
            let pooled = hash_on(&files, Algorithm::Sha512, processors, &|index| index);
            for (index, (digests, also)) in pooled.into_iter().enumerate() {
                assert_eq!(digests.expect("digests"), plain[index], "{processors} processors");
                assert_eq!(also, index);
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_stops_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = sample(folder.path());
        let gone = folder.path().join("gone");
        let results = hash(&[&paths[0], &gone, &paths[4]], Algorithm::Sha256);
        let kinds: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(kinds, [true, false, true]);
        let error = results[1].as_ref().expect_err("it is gone").to_string();
        assert!(error.contains("gone"), "{error}");
    }

    #[test]
    fn no_files_give_no_digests() {
        assert!(hash(&[], Algorithm::Sha256).is_empty());
    }
}
