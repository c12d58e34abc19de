//! From listener, `Host` header and path to the part of a channel that is meant, and the addresses its answers name.
//! Three forms: one port for each part; all on the API's port as on an Enterprise server; the real names on a socket.

use super::Door;
use crate::message::{Bases, Role};

/// The addresses of the listeners, such as `http://127.0.0.1:40001`; no trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    pub(crate) api: String,
    pub(crate) uploads: String,
    pub(crate) storage: String,
    pub(crate) web: String,
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) role: Role,
    /// The path without the prefix of the Enterprise form.
    pub(super) path: String,
    pub(super) bases: Bases,
}

/// Finds where a request goes; absent for a name nobody has.
pub(super) fn find(
    origins: &Origins,
    public_api: Option<&str>,
    door: Door,
    host: &str,
    path: &str,
) -> Option<Destination> {
    let path = path.to_owned();
    match door {
        Door::Socket => {
            let role = match host {
                "api.github.com" => Role::GithubApi,
                "uploads.github.com" => Role::GithubUploads,
                "github.com" => Role::GithubWeb,
                "release-assets.githubusercontent.com" => Role::GithubStorage,
                _ => return None,
            };
            Some(Destination { role, path, bases: named() })
        }
        Door::Tcp(Role::GithubApi) => Some(enterprise(origins, &path).unwrap_or_else(|| {
            Destination { role: Role::GithubApi, path, bases: separate(origins, public_api) }
        })),
        Door::Tcp(role) => Some(Destination { role, path, bases: separate(origins, public_api) }),
    }
}

fn separate(origins: &Origins, public_api: Option<&str>) -> Bases {
    let api =
        public_api.map_or_else(|| origins.api.clone(), |api| api.trim_end_matches('/').into());
    Bases {
        api,
        uploads: origins.uploads.clone(),
        storage: origins.storage.clone(),
        web: origins.web.clone(),
    }
}

fn named() -> Bases {
    Bases {
        api: "https://api.github.com".to_owned(),
        uploads: "https://uploads.github.com".to_owned(),
        storage: "https://release-assets.githubusercontent.com".to_owned(),
        web: "https://github.com".to_owned(),
    }
}

/// An Enterprise server has everything on one host, told apart by the path.
fn enterprise(origins: &Origins, path: &str) -> Option<Destination> {
    let origin = &origins.api;
    let bases = Bases {
        api: format!("{origin}/api/v3"),
        uploads: format!("{origin}/api/uploads"),
        storage: origins.storage.clone(),
        web: origin.clone(),
    };
    let under = |prefix: &str| {
        let rest = path.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
    };
    if let Some(path) = under("/api/v3") {
        return Some(Destination { role: Role::GithubApi, path, bases });
    }
    if let Some(path) = under("/api/uploads") {
        return Some(Destination { role: Role::GithubUploads, path, bases });
    }
    if path == "/api/graphql" {
        return Some(Destination { role: Role::GithubApi, path: "/graphql".to_owned(), bases });
    }
    let mut parts = path.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    let is_page = parts.nth(1) == Some("releases") && first != "repos" && first != "repositories";
    is_page.then(|| Destination { role: Role::GithubWeb, path: path.to_owned(), bases })
}
