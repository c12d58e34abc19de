//! Finds the files of a release in the folders and files named on the command line.
//! Knows names and where files lie, not what they are nor what is in them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use common::manifest;

use crate::foreign::{self, Listed, Listing};

/// The file of digests written beside the manifest.
pub(crate) const CHECKSUMS: &str = "checksums.txt";

/// What Landfall itself keeps at the top of `dist/`.
const OWN: &[&str] =
    &[manifest::FILE, CHECKSUMS, "receipts", "derived", "report.json", "rehearsal"];

/// One file that may be an artifact.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The name it is published under.
    pub name: String,
    /// Where it is now.
    pub file: PathBuf,
    /// Where it is, or will be, inside `dist/`; absent when that is its name.
    pub path: Option<String>,
    /// Whether it lies outside `dist/` and has to be brought there.
    pub outside: bool,
    /// What another tool's list says of it.
    pub listed: Option<Box<Listed>>,
}

/// All that was found, and all that is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    /// The files, in bytewise order of name, then of place.
    pub candidates: Vec<Candidate>,
    /// What has to be refused: one sentence each.
    pub refusals: Vec<String>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Collects the files of `arguments`, or of `dist` where there are none.
pub(crate) fn collect(dist: &Path, arguments: &[PathBuf]) -> Result<Collection> {
    let default = [dist.to_owned()];
    let arguments = if arguments.is_empty() { &default[..] } else { arguments };
    let mut walk = Walk {
        home: dist.canonicalize().ok(),
        seen: (arguments.len() > 1).then(HashSet::new),
        found: Collection::default(),
    };
    for argument in arguments {
        walk.argument(argument)?;
    }
    let mut found = walk.found;
    found.candidates.sort_unstable_by(|a, b| a.name.cmp(&b.name).then_with(|| a.file.cmp(&b.file)));
    found.refusals.sort();
    found.notes.sort();
    Ok(found)
}

/// A folder on the way down.
struct Folder {
    /// As the person named it.
    shown: PathBuf,
    /// Without any link.
    real: PathBuf,
    /// Its place below the named folder, ending with `/` unless empty; absent when a part is not plain.
    from_root: Option<String>,
    /// Whether it lies elsewhere than in `dist`.
    outside: bool,
    /// Its place below `dist` in the same form; absent when a part is not plain, empty elsewhere.
    from_home: Option<String>,
}

impl Folder {
    fn below(&self, name: &OsStr) -> Self {
        let plain = name.to_str().filter(|name| manifest::is_component(name));
        let join = |prefix: &Option<String>| Some(format!("{}{}/", prefix.as_ref()?, plain?));
        Self {
            shown: self.shown.join(name),
            real: self.real.join(name),
            from_root: join(&self.from_root),
            outside: self.outside,
            from_home: join(&self.from_home),
        }
    }
}

/// What holds for everything below one argument.
struct Root {
    real: PathBuf,
    listing: Listing,
}

struct Walk {
    /// The canonical path of `dist`, where it exists.
    home: Option<PathBuf>,
    /// Canonical paths of files already taken, so that `dist dist/a` names `a` once; not kept for one argument.
    seen: Option<HashSet<PathBuf>>,
    found: Collection,
}

impl Walk {
    fn argument(&mut self, argument: &Path) -> Result<()> {
        let metadata = match fs::metadata(argument) {
            Ok(metadata) => metadata,
            Err(error) => {
                self.refuse(format!("`{}` cannot be read: {error}", shown(argument)));
                return Ok(());
            }
        };
        if metadata.is_dir() {
            let folder = self.top(argument)?;
            let listing = foreign::read(&folder.real)?;
            let root = Root { real: folder.real.clone(), listing };
            return self.folder(&folder, &root);
        }
        let Some(name) = argument.file_name() else {
            self.refuse(format!("`{}` has no name", shown(argument)));
            return Ok(());
        };
        let folder = self.top(match argument.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        })?;
        if self.home.as_ref() == Some(&folder.real) && name.to_str().is_some_and(is_own) {
            self.refuse(format!("`{}` is written by checksum itself", shown(argument)));
            return Ok(());
        }
        let kind = fs::symlink_metadata(argument)
            .with_context(|| format!("failed to read `{}`", argument.display()))?
            .file_type();
        let root = Root { real: folder.real.clone(), listing: Listing::default() };
        self.file(&folder, name, kind, &root);
        Ok(())
    }

    fn top(&self, path: &Path) -> Result<Folder> {
        let real = path
            .canonicalize()
            .with_context(|| format!("failed to resolve `{}`", path.display()))?;
        let inside = self.home.as_ref().and_then(|home| real.strip_prefix(home).ok());
        let (outside, from_home) = match inside {
            None => (true, Some(String::new())),
            Some(inside) => (false, slashed(inside)),
        };
        Ok(Folder {
            shown: path.to_owned(),
            from_root: Some(String::new()),
            outside,
            from_home,
            real,
        })
    }

    fn folder(&mut self, folder: &Folder, root: &Root) -> Result<()> {
        let wrap = || format!("failed to read the folder `{}`", folder.shown.display());
        let top = folder.real == root.real;
        for entry in fs::read_dir(&folder.real).with_context(wrap)? {
            let entry = entry.with_context(wrap)?;
            let name = entry.file_name();
            let hidden = name.as_encoded_bytes().first() == Some(&b'.');
            let own =
                top && name.to_str().is_some_and(|name| is_own(name) || root.listing.hides(name));
            if hidden || own {
                continue;
            }
            let kind = entry.file_type().with_context(wrap)?;
            if kind.is_dir() {
                self.folder(&folder.below(&name), root)?;
            } else {
                self.file(folder, &name, kind, root);
            }
        }
        if top {
            for missing in root.listing.missing() {
                let source = root.listing.source();
                self.refuse(format!("`{missing}` is named by `{source}` but does not exist"));
            }
        }
        Ok(())
    }

    fn file(&mut self, folder: &Folder, name: &OsStr, kind: FileType, root: &Root) {
        let shown_as = folder.shown.join(name);
        let refusal = if kind.is_symlink() {
            match folder.real.join(name).canonicalize() {
                Err(_) => Some("is a link to nothing"),
                Ok(target) if !target.starts_with(&root.real) => {
                    Some("is a link that leaves its folder")
                }
                // What a link to a folder inside leads to is found where it lies.
                Ok(target) if target.is_dir() => return,
                Ok(target) => (!target.is_file()).then_some("is no regular file"),
            }
        } else {
            (!kind.is_file()).then_some("is no regular file")
        };
        if let Some(reason) = refusal {
            return self.refuse(format!("`{}` {reason}", shown(&shown_as)));
        }
        let own_name = name.to_str();
        let place = |prefix: &Option<String>| Some(format!("{}{}", prefix.as_ref()?, own_name?));
        let listed = if root.listing.is_empty() {
            None
        } else {
            place(&folder.from_root).and_then(|place| root.listing.find(&place))
        };
        if listed.is_some_and(|entry| !entry.published) {
            return;
        }
        let Some(name) = listed.map(|entry| entry.name.as_str()).or(own_name) else {
            return self.refuse(format!("`{}` has a name that is not UTF-8", shown(&shown_as)));
        };
        let path = place(&folder.from_home);
        if path.is_none() && !folder.outside {
            let reason = "lies in a folder whose name is not plain";
            return self.refuse(format!("`{}` {reason}", shown(&shown_as)));
        }
        if let Some(reason) = name_refused(name) {
            return self.refuse(format!("`{}` {reason}", shown(&shown_as)));
        }
        if self.seen.as_mut().is_some_and(|seen| {
            !seen.insert(folder.real.join(shown_as.file_name().unwrap_or_default()))
        }) {
            return;
        }
        self.found.candidates.push(Candidate {
            name: name.to_owned(),
            file: shown_as,
            path: path.filter(|path| path != name && !folder.outside),
            outside: folder.outside,
            listed: listed.cloned().map(Box::new),
        });
    }

    fn refuse(&mut self, reason: String) {
        self.found.refusals.push(reason);
    }
}

fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// Returns why a name cannot be published.
fn name_refused(name: &str) -> Option<&'static str> {
    if name.chars().any(char::is_control) {
        Some("has a control character in its name")
    } else if !manifest::is_component(name) {
        Some("has no plain file name")
    } else if is_own(name) {
        Some("has a name that checksum itself writes")
    } else {
        None
    }
}

/// Writes a relative path with `/` after each component; `None` where one is not plain UTF-8.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|component| match component {
            Component::Normal(part) => part.to_str().filter(|part| manifest::is_component(part)),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.iter().map(|part| format!("{part}/")).collect())
}

/// Makes a path safe to quote in a message.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}
