//! What COMMAND finds in its environment: an allow-list, an empty home, git and proxies turned inward.
//! Pure but for the folders; knows nothing of what the stand-ins' variables mean.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What passes from our own environment to COMMAND. Everything else stays out: a token, an agent's
/// socket or a proxy may hide under any name.
const PASSED: [&str; 8] =
    ["PATH", "LANG", "LC_ALL", "TERM", "TZ", "CI", "NO_COLOR", "SOURCE_DATE_EPOCH"];

/// Variables by name; nothing else reaches COMMAND.
pub(super) type Environment = BTreeMap<OsString, OsString>;

/// The folders that COMMAND may call its own.
pub(super) struct Rooms {
    /// HOME, with the XDG folders inside; emptied before each run.
    pub(super) home: PathBuf,
    /// TMPDIR, outside the project: many programs look for a project in the folders above.
    pub(super) temporary: tempfile::TempDir,
}

impl Rooms {
    /// Makes both folders, empty.
    pub(super) fn make(state: &Path) -> Result<Self> {
        let home = state.join("home");
        clear(&home)?;
        std::fs::create_dir_all(&home)
            .with_context(|| format!("failed to make `{}`", home.display()))?;
        let temporary = tempfile::Builder::new()
            .prefix("rehearsal-")
            .tempdir()
            .context("failed to make a temporary folder")?;
        Ok(Self { home, temporary })
    }

    /// Removes both, or tells where they stay.
    pub(super) fn leave(self, keep: bool) -> Result<Option<PathBuf>> {
        if keep {
            return Ok(Some(self.temporary.keep()));
        }
        clear(&self.home)?;
        clear(self.temporary.path())?;
        Ok(None)
    }
}

/// Composes the environment, from `own` variables and what is the same in every rehearsal.
pub(super) fn closed(
    rooms: &Rooms,
    git_configuration: &Path,
    own: impl Fn(&str) -> Option<OsString>,
) -> Environment {
    let mut environment = Environment::new();
    let mut set = |name: &str, value: OsString| environment.insert(name.into(), value);
    for name in PASSED {
        if let Some(value) = own(name) {
            set(name, value);
        }
    }
    let home = &rooms.home;
    set("HOME", home.into());
    for (name, folder) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_RUNTIME_DIR", ".run"),
    ] {
        set(name, home.join(folder).into());
    }
    set("TMPDIR", rooms.temporary.path().into());
    set("GIT_CONFIG_GLOBAL", git_configuration.into());
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        // Stronger than any `protocol.*` of a repository's own configuration.
        ("GIT_ALLOW_PROTOCOL", "file"),
    ] {
        set(name, value.into());
    }
    environment
}

/// The variables that send every request but those to this machine to `proxy`. Programs disagree
/// about upper and lower case, so each is there twice.
pub(super) fn proxied(proxy: SocketAddr) -> Environment {
    let mut environment = Environment::new();
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        for name in [name.to_owned(), name.to_lowercase()] {
            environment.insert(name.into(), format!("http://{proxy}").into());
        }
    }
    for name in ["NO_PROXY", "no_proxy"] {
        environment.insert(name.into(), "127.0.0.1,localhost,::1".into());
    }
    environment
}

/// Removes a folder with all in it, also what was made read-only (as Go's module cache is).
fn clear(folder: &Path) -> Result<()> {
    let gone = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    if gone(std::fs::remove_dir_all(folder)).is_ok() {
        return Ok(());
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        make_writable(&folder);
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    gone(std::fs::remove_dir_all(folder))
        .with_context(|| format!("failed to remove `{}`", folder.display()))
}

fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_allowed_passes() {
        let state = tempfile::tempdir().unwrap();
        let rooms = Rooms::make(state.path()).unwrap();
        let own = |name: &str| Some(OsString::from(format!("own {name}")));
        let environment = closed(&rooms, Path::new("/g"), own);
        let ours: Vec<_> = environment
            .iter()
            .filter(|(_, value)| value.to_string_lossy().starts_with("own "))
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        let mut passed = PASSED.map(str::to_owned);
        passed.sort();
        assert_eq!(ours, passed);
        assert_eq!(environment[&OsString::from("HOME")], rooms.home);
        let proxied = proxied(SocketAddr::from(([127, 0, 0, 1], 9)));
        assert_eq!(proxied[&OsString::from("https_proxy")], "http://127.0.0.1:9");
        assert_eq!(proxied.len(), 8);
    }

    #[test]
    fn the_home_is_empty_each_time_even_if_it_was_made_read_only() {
        use std::os::unix::fs::PermissionsExt;
        let state = tempfile::tempdir().unwrap();
        let rooms = Rooms::make(state.path()).unwrap();
        let locked = rooms.home.join("go/pkg");
        std::fs::create_dir_all(&locked).unwrap();
        common::fs::replace(&locked.join("file"), b"x").unwrap();
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o500)).unwrap();
        let rooms = Rooms::make(state.path()).unwrap();
        assert_eq!(std::fs::read_dir(&rooms.home).unwrap().count(), 0);
        let temporary = rooms.temporary.path().to_owned();
        assert_eq!(rooms.leave(false).unwrap(), None);
        assert!(!temporary.exists());
    }
}
