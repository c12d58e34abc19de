//! Looks for canaries in files: all that a rehearsal may have written, names included.
//! Knows nothing of what the files are, but for what git's object store is not worth.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::canary::{Canaries, Hit};

/// What a search came to.
#[derive(Default)]
pub(super) struct Findings {
    /// Files with canaries, in order of their names.
    pub(super) hits: Vec<(PathBuf, Hit)>,
    /// Files that could not be read, with the reason.
    pub(super) unread: Vec<(PathBuf, String)>,
    /// How many files were read to their end.
    pub(super) count: usize,
}

/// Searches all files below `folders`, but for those that `except` names. Links are not followed:
/// what they lead to is either below the folders itself or was not written here.
pub(super) fn search(folders: &[&Path], except: &[PathBuf], canaries: &Canaries) -> Findings {
    let mut files = Vec::new();
    let mut findings = Findings::default();
    for folder in folders {
        list(folder, except, &mut files, &mut findings);
    }
    files.sort();
    files.dedup();
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(findings);
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let read = read(path, canaries);
                    let mut findings = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    match read {
                        Ok(hits) => {
                            findings.count += 1;
                            findings.hits.extend(hits.into_iter().map(|hit| (path.clone(), hit)));
                        }
                        // It was removed since, so it leaks nothing.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        Err(error) => findings.unread.push((path.clone(), error.to_string())),
                    }
                }
            });
        }
    });
    let mut findings = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    findings.hits.sort();
    findings.unread.sort();
    findings
}

fn list(folder: &Path, except: &[PathBuf], files: &mut Vec<PathBuf>, findings: &mut Findings) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return findings.unread.push((folder.to_owned(), error.to_string())),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if except.contains(&path) {
            continue;
        }
        if kind.is_dir() && !is_object_store(folder, &path) {
            list(&path, except, files, findings);
        } else if kind.is_file() {
            files.push(path);
        }
    }
}

/// git's objects are compressed, so a search in them would find nothing and promise much.
fn is_object_store(folder: &Path, path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "objects") && folder.join("HEAD").is_file()
}

fn read(path: &Path, canaries: &Canaries) -> io::Result<Vec<Hit>> {
    // A name can leak as well as a content; it counts as the file's begin.
    let mut hits = canaries.find(path.as_os_str().as_encoded_bytes());
    for hit in &mut hits {
        hit.offset = 0;
    }
    let mut file = File::open(path)?;
    let mut search = canaries.search();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hits),
            Ok(count) => hits.extend(search.feed(&piece[..count])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_names_are_searched_but_not_objects_links_and_exceptions() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        for (name, text) in [
            (".git/HEAD", "ref: refs/heads/main"),
            (".git/config", "[a]\n\tb = canary-token"),
            (".git/objects/aa/bb", "canary-token"),
            ("objects/plain", "xxcanary-token"),
            ("canary-token.txt", ""),
            ("clean", "nothing"),
            ("ours.json", "canary-token"),
        ] {
            common::fs::replace(&top.join(name), text.as_bytes()).unwrap();
        }
        std::os::unix::fs::symlink("ours.json", top.join("link")).unwrap();
        let canaries = Canaries::new(["canary-token"]).unwrap();
        let findings = search(&[top, top], &[top.join("ours.json")], &canaries);
        let hits: Vec<_> = findings
            .hits
            .iter()
            .map(|(path, hit)| (path.strip_prefix(top).unwrap().to_str().unwrap(), hit.offset))
            .collect();
        assert_eq!(hits, [(".git/config", 9), ("canary-token.txt", 0), ("objects/plain", 2)]);
        assert_eq!(findings.count, 5);
        assert!(findings.unread.is_empty());
    }
}
