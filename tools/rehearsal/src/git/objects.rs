//! Reading and writing single objects: blobs and folders at a commit, tag objects, one-file commits.
//! Writes through a scratch index, since a bare repository has no work tree.

use anyhow::{Context as _, Result};

use super::Repository;

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `blob`, `tree` or `commit` (a submodule).
    pub(crate) kind: String,
    pub(crate) sha: String,
    /// Absent for what is no blob.
    pub(crate) size: Option<u64>,
    /// From the root of the repository.
    pub(crate) path: String,
}

/// An annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagObject {
    pub(crate) tag: String,
    pub(crate) object: String,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) tagger: (String, String),
    /// Seconds since 1970, UTC.
    pub(crate) at: i64,
}

/// A commit that adds, replaces or removes one file on top of a branch.
#[derive(Clone, Debug)]
pub(crate) struct NewCommit<'a> {
    pub(crate) parent: Option<&'a str>,
    pub(crate) path: &'a str,
    /// The new content; absent to remove the file.
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) message: &'a str,
    pub(crate) author: (String, String),
    /// Seconds since 1970, UTC.
    pub(crate) at: i64,
}

impl Repository {
    /// Lists what is at `path` in a commit: one blob, or the entries of a folder.
    pub(crate) fn entries(&self, commit: &str, path: &str) -> Result<Vec<Entry>> {
        let whole = self.list(commit, path)?;
        let is_folder = path.is_empty() || whole.first().is_some_and(|entry| entry.kind == "tree");
        if path.is_empty() || !is_folder {
            return Ok(whole);
        }
        self.list(commit, &format!("{path}/"))
    }

    fn list(&self, commit: &str, path: &str) -> Result<Vec<Entry>> {
        let mut arguments = vec!["ls-tree", "-z", "--long", commit];
        if !path.is_empty() {
            arguments.extend(["--", path]);
        }
        let text = self.ask(&arguments)?.unwrap_or_default();
        Ok(text.split('\0').filter_map(entry).collect())
    }

    /// Returns the content of a blob.
    pub(crate) fn blob(&self, sha: &str) -> Result<Vec<u8>> {
        Ok(self.git(&["cat-file", "blob", sha], b"")?.stdout)
    }

    /// Returns the kind of an object, if there is such an object.
    pub(crate) fn kind(&self, sha: &str) -> Result<Option<String>> {
        let hash = sha.len() == 40 && sha.chars().all(|c| c.is_ascii_hexdigit());
        if hash { self.ask(&["cat-file", "-t", sha]) } else { Ok(None) }
    }

    /// Reads a tag object.
    pub(crate) fn tag_object(&self, sha: &str) -> Result<Option<TagObject>> {
        if self.kind(sha)?.as_deref() != Some("tag") {
            return Ok(None);
        }
        Ok(self.ask(&["cat-file", "tag", sha])?.as_deref().and_then(parse_tag))
    }

    /// Writes a tag object and returns its hash; no reference is made.
    pub(crate) fn write_tag(&self, tag: &TagObject) -> Result<String> {
        let (name, email) = &tag.tagger;
        let text = format!(
            "object {}\ntype {}\ntag {}\ntagger {name} <{email}> {} +0000\n\n{}\n",
            tag.object,
            tag.kind,
            tag.tag,
            tag.at,
            tag.message.trim_end_matches('\n')
        );
        self.must(&[], &["hash-object", "-t", "tag", "-w", "--stdin"], text.as_bytes())
    }

    /// Writes a commit and returns its hash and that of the blob; no reference is moved.
    pub(crate) fn write_commit(&self, new: &NewCommit<'_>) -> Result<(String, Option<String>)> {
        let scratch = tempfile::tempdir().context("failed to make a scratch folder")?;
        let index = scratch.path().join("index").to_string_lossy().into_owned();
        let variables = [("GIT_INDEX_FILE", index)];
        if let Some(parent) = new.parent {
            self.must(&variables, &["read-tree", parent], b"")?;
        }
        let blob = match new.content {
            Some(content) => {
                let blob = self.must(&[], &["hash-object", "-w", "--stdin"], content)?;
                let entry = format!("100644,{blob},{}", new.path);
                self.must(&variables, &["update-index", "--add", "--cacheinfo", &entry], b"")?;
                Some(blob)
            }
            None => {
                let entry = format!("0 {} 0\t{}\0", "0".repeat(40), new.path);
                self.must(&variables, &["update-index", "-z", "--index-info"], entry.as_bytes())?;
                None
            }
        };
        let tree = self.must(&variables, &["write-tree"], b"")?;
        let (name, email) = &new.author;
        let date = format!("@{} +0000", new.at);
        let identity = [
            ("GIT_AUTHOR_NAME", name.clone()),
            ("GIT_AUTHOR_EMAIL", email.clone()),
            ("GIT_AUTHOR_DATE", date.clone()),
            ("GIT_COMMITTER_NAME", name.clone()),
            ("GIT_COMMITTER_EMAIL", email.clone()),
            ("GIT_COMMITTER_DATE", date),
        ];
        let mut arguments = vec!["commit-tree", &tree];
        if let Some(parent) = new.parent {
            arguments.extend(["-p", parent]);
        }
        let commit = self.must(&identity, &arguments, new.message.as_bytes())?;
        Ok((commit, blob))
    }
}

/// Reads one line of `ls-tree --long`: mode, kind, hash, size, tab, path.
fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split_whitespace();
    let (_mode, kind, sha, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    Some(Entry {
        kind: kind.to_owned(),
        sha: sha.to_owned(),
        size: size.parse().ok(),
        path: path.to_owned(),
    })
}

fn parse_tag(text: &str) -> Option<TagObject> {
    let (head, message) = text.split_once("\n\n").unwrap_or((text, ""));
    let field =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim_start);
    let tagger = field("tagger ").unwrap_or_default();
    let (name, rest) = tagger.split_once(" <").unwrap_or((tagger, ""));
    let (email, date) = rest.split_once("> ").unwrap_or((rest, ""));
    Some(TagObject {
        tag: field("tag ")?.to_owned(),
        object: field("object ")?.to_owned(),
        kind: field("type ")?.to_owned(),
        message: message.to_owned(),
        tagger: (name.to_owned(), email.to_owned()),
        at: date.split(' ').next().and_then(|at| at.parse().ok()).unwrap_or_default(),
    })
}
