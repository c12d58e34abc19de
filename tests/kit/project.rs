//! A small project to release: a git repository, built files in `dist/`, a configuration.
//! The same bytes and commits every time, so that two runs can be compared.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::digest;
use common::manifest::{self, Artifact, Kind, Manifest, Target};
use common::sh::{self, cmd};

const SOON: Duration = Duration::from_secs(60);

/// A project in a temporary folder, gone with it.
#[derive(Debug)]
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// Makes a repository with one commit and a remote on GitHub; `tag` is annotated.
    pub fn new(tag: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self { folder };
        project.write(".gitignore", "dist/\n");
        project.write("README.md", "# greet\n");
        project.git("init -q -b main .");
        project.git("add .");
        project.git("commit -q -m feat:\u{a0}greet");
        project.git("remote add origin https://github.com/acme/greet.git");
        project.git(&format!("tag -a {tag} -m {tag}"));
        project
    }

    /// Returns its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns a path inside it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        common::fs::replace(&self.join(name), text.as_ref()).expect("a writable temporary folder");
    }

    /// Runs git with a fixed person and date; returns what it printed.
    pub fn git(&self, arguments: &str) -> String {
        let shell = sh::shell_in(self.path()).expect("a shell");
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Ann"),
            ("GIT_AUTHOR_EMAIL", "ann@example.com"),
            ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
            ("GIT_COMMITTER_NAME", "Ann"),
            ("GIT_COMMITTER_EMAIL", "ann@example.com"),
            ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
        ] {
            shell.set_var(name, value);
        }
        // Messages use no-break spaces, so that arguments can be split at spaces.
        let arguments: Vec<String> =
            arguments.split(' ').map(|argument| argument.replace('\u{a0}', " ")).collect();
        sh::read(cmd!(shell, "git {arguments...}"), SOON).expect("git works")
    }

    /// Returns the commit of a revision.
    pub fn commit_of(&self, revision: &str) -> String {
        self.git(&format!("rev-parse {revision}^{{commit}}"))
    }

    /// Puts the usual files into `dist/` and freezes them for `tag`, as `checksum create` does.
    pub fn freeze(&self, tag: &str) {
        let files = [
            ("greet_linux_amd64.tar.gz", "linux"),
            ("greet_darwin_arm64.tar.gz", "darwin"),
            ("greet_windows_amd64.zip", "windows"),
        ];
        let mut artifacts = Vec::new();
        let mut list = String::new();
        for (name, os) in files {
            let bytes = format!("the program for {os} in {tag}\n").repeat(100);
            self.write(&format!("dist/{name}"), &bytes);
            let target = Target { os: os.into(), arch: "amd64".into(), libc: None, variant: None };
            let artifact = artifact(name, Kind::Archive, Some(target), bytes.as_bytes());
            list.push_str(&digest::lines::write(&artifact.sha256, name));
            artifacts.push(artifact);
        }
        self.write("dist/checksums.txt", &list);
        artifacts.push(artifact("checksums.txt", Kind::Checksums, None, list.as_bytes()));
        artifacts.sort_by(|a, b| a.name.cmp(&b.name));
        let commit = self.commit_of(tag);
        let manifest = Manifest { schema: 1, tag: tag.into(), commit, artifacts };
        self.write(&format!("dist/{}", manifest::FILE), manifest.to_bytes());
    }
}

fn artifact(name: &str, kind: Kind, target: Option<Target>, bytes: &[u8]) -> Artifact {
    Artifact {
        name: name.into(),
        path: None,
        kind,
        target,
        size: bytes.len() as u64,
        sha256: digest::sha256(bytes),
        sha512: None,
    }
}
