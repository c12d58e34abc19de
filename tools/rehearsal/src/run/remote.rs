//! Where a git url leads inside a rehearsal: which part of it is replaced, and by which folder.
//! Pure; knows nothing of what is in the repositories.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use common::error::Failure;

/// A git url, told apart into what is replaced and what it is replaced by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The begin of the url that a rule replaces: `https://host/`, `git@host:`, or all of a path.
    pub(super) prefix: String,
    /// What replaces it, below the folder of the stand-ins' repositories: `host/`.
    pub(super) folder: String,
    /// The bare repository, below the same folder: `host/owner/name.git`.
    pub(super) repository: PathBuf,
    /// The host without user and port; `None` for a path of this machine.
    pub(super) host: Option<String>,
}

/// The folder that stands for paths of this machine.
pub(super) const HERE: &str = "localhost";

impl Place {
    /// Reads a url as git does; `top` is what relative paths begin at.
    ///
    /// # Errors
    /// Refused for remote helpers (`ext::`), for paths with `..`, and for urls that name nothing.
    pub(super) fn of(url: &str, top: &Path) -> Result<Self> {
        if let Some((scheme, rest)) = url.split_once("://") {
            if scheme.eq_ignore_ascii_case("file") {
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                return Self::path(url, Path::new(path), top);
            }
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            return Self::host(url, format!("{scheme}://{authority}/"), authority, path);
        }
        // `host:path` is ssh, unless a slash comes first (gitcli, "GIT URLS").
        match url.split_once(':') {
            Some((_, path)) if path.starts_with(':') => {
                Err(refused(url, "remote helpers run programs of their own"))
            }
            Some((authority, path)) if !authority.contains('/') => {
                Self::host(url, format!("{authority}:"), authority, path)
            }
            _ => Self::path(url, Path::new(url), top),
        }
    }

    fn host(url: &str, prefix: String, authority: &str, path: &str) -> Result<Self> {
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        if host.is_empty() || host.starts_with('.') || host.contains(['/', '\\']) {
            return Err(refused(url, "it names no host"));
        }
        let repository = Path::new(&host).join(bare(url, Path::new(path))?);
        Ok(Self { prefix, folder: format!("{host}/"), repository, host: Some(host) })
    }

    fn path(url: &str, path: &Path, top: &Path) -> Result<Self> {
        let mut whole = PathBuf::new();
        for component in top.join(path).components() {
            match component {
                Component::ParentDir => _ = whole.pop(),
                Component::Normal(name) => whole.push(name),
                _ => {}
            }
        }
        if whole.file_name().is_some_and(|name| name == ".git") {
            whole.pop();
        }
        let repository = Path::new(HERE).join(bare(url, &whole)?);
        // git itself tries `NAME.git` where it is told NAME, so the rule may end without it and
        // still be right for a url that goes on with `.git`.
        let folder = repository.with_extension("").to_string_lossy().into_owned();
        let ended = Path::new(url).extension().is_some_and(|extension| extension == "git");
        let folder = if ended { folder + ".git" } else { folder };
        Ok(Self { prefix: url.to_owned(), folder, repository, host: None })
    }
}

/// Turns the path of a url into the relative path of a bare repository.
fn bare(url: &str, path: &Path) -> Result<PathBuf> {
    let mut repository = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => repository.push(name),
            Component::RootDir | Component::CurDir => {}
            _ => return Err(refused(url, "its path leaves the folder it belongs to")),
        }
    }
    let Some(name) = repository.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Err(refused(url, "it names no repository"));
    };
    let name = name.strip_suffix(".git").unwrap_or(&name);
    if name.is_empty() {
        return Err(refused(url, "it names no repository"));
    }
    Ok(repository.with_file_name(format!("{name}.git")))
}

fn refused(url: &str, reason: &str) -> anyhow::Error {
    let url = without_password(url);
    Failure::refused(format!("refusing to rehearse with the git url `{url}`: {reason}"))
        .hint("git remote -v")
        .into()
}

/// Returns a url as it may be shown: a password in it becomes `***`.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}/{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, prefix: &str, folder: &str, repository: &str) {
        let place = Place::of(url, Path::new("/home/me/greet")).unwrap();
        let found = (place.prefix.as_str(), place.folder.as_str(), place.repository);
        assert_eq!(found, (prefix, folder, PathBuf::from(repository)), "{url}");
    }

    #[test]
    fn every_form_of_one_repository_leads_to_one_folder() {
        let bare = "github.com/acme/greet.git";
        check("https://github.com/acme/greet.git", "https://github.com/", "github.com/", bare);
        check("https://github.com/acme/greet", "https://github.com/", "github.com/", bare);
        check("https://u:p@GitHub.com/acme/greet/", "https://u:p@GitHub.com/", "github.com/", bare);
        check("ssh://git@github.com/acme/greet.git", "ssh://git@github.com/", "github.com/", bare);
        check("ssh://github.com:443/acme/greet.git", "ssh://github.com:443/", "github.com/", bare);
        check("git@github.com:acme/greet.git", "git@github.com:", "github.com/", bare);
        check("git@github.com:/acme/greet", "git@github.com:", "github.com/", bare);
        check("work:acme/greet", "work:", "work/", "work/acme/greet.git");
    }

    #[test]
    fn paths_of_this_machine_lead_to_localhost() {
        let bare = "localhost/srv/greet.git";
        check("/srv/greet.git", "/srv/greet.git", "localhost/srv/greet.git", bare);
        check("file:///srv/greet.git", "file:///srv/greet.git", "localhost/srv/greet.git", bare);
        check("/srv/greet", "/srv/greet", "localhost/srv/greet", bare);
        check("/srv/greet/.git", "/srv/greet/.git", "localhost/srv/greet", bare);
        check("../o.git", "../o.git", "localhost/home/me/o.git", "localhost/home/me/o.git");
        check("./a:b", "./a:b", "localhost/home/me/greet/a:b", "localhost/home/me/greet/a:b.git");
    }

    #[test]
    fn what_leads_elsewhere_is_refused_without_its_password() {
        for (url, reason) in [
            ("ext::sh -c touch% pwned", "remote helpers run programs of their own"),
            ("https://me:secret@host/a/../../b", "its path leaves the folder it belongs to"),
            ("https://host/", "it names no repository"),
            ("https://host/.git", "it names no repository"),
            ("https:///a/b", "it names no host"),
            ("ssh://../a/b", "it names no host"),
            ("/", "it names no repository"),
        ] {
            let error = Place::of(url, Path::new("/top")).unwrap_err().to_string();
            assert!(error.ends_with(reason), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
