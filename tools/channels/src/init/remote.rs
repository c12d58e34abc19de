//! Owner and name of a repository, out of the url of a remote or a text that mentions it. Pure.

use url::Url;

/// A repository on some GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) owner: String,
    pub(super) repo: String,
    /// The programming interface, where it is not that of github.com.
    pub(super) base_url: Option<String>,
}

/// Reads the url of a remote: `https://`, `ssh://`, `git://` or `git@host:owner/repo`. Hosts that are no
/// GitHub by their name give nothing.
pub(super) fn parse(url: &str) -> Option<Place> {
    let (host, path) = if url.contains("://") {
        let url = Url::parse(url).ok()?;
        (url.host_str()?.to_owned(), url.path().to_owned())
    } else {
        let (host, path) = url.split_once(':')?;
        (host.rsplit('@').next()?.to_owned(), path.to_owned())
    };
    let host = host.to_ascii_lowercase();
    if !host.contains("github") {
        return None;
    }
    let base_url = (host != "github.com" && host != "ssh.github.com")
        .then(|| format!("https://{host}/api/v3"));
    let mut parts = path.trim_matches('/').split('/');
    let (owner, repo) = (parts.next()?, parts.next()?);
    place(owner, repo, base_url).filter(|_| parts.next().is_none())
}

/// Finds the first `github.com/owner/repo` in a text.
pub(super) fn mentioned(text: &str) -> Option<Place> {
    text.match_indices("github.com/").find_map(|(at, found)| {
        let rest = &text[at + found.len()..];
        let end = rest.find(|c: char| !is_plain(c) && c != '/').unwrap_or(rest.len());
        let mut parts = rest[..end].split('/');
        place(parts.next()?, parts.next()?, None)
    })
}

fn place(owner: &str, repo: &str, base_url: Option<String>) -> Option<Place> {
    let repo = repo.strip_suffix(".git").unwrap_or(repo);
    let good = |name: &str| {
        !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(is_plain)
    };
    (good(owner) && good(repo)).then(|| Place { owner: owner.into(), repo: repo.into(), base_url })
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// Makes a name out of any text, such as a folder's.
pub(super) fn slug(text: &str) -> String {
    let dashed: String = text.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    dashed.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<(&str, &str, Option<&str>)>) {
        let found = parse(url);
        let found = found
            .as_ref()
            .map(|place| (place.owner.as_str(), place.repo.as_str(), place.base_url.as_deref()));
        assert_eq!(found, expected, "{url}");
    }

    #[test]
    fn every_form_of_a_remote_is_read() {
        let greet = Some(("acme", "greet", None));
        check("https://github.com/acme/greet.git", greet);
        check("https://user@github.com/acme/greet", greet);
        check("git@github.com:acme/greet.git", greet);
        check("ssh://git@github.com/acme/greet.git", greet);
        check("ssh://git@ssh.github.com:443/acme/greet.git", greet);
        check(
            "https://github.acme.com/tools/greet",
            Some(("tools", "greet", Some("https://github.acme.com/api/v3"))),
        );
        check("https://gitlab.com/acme/greet", None);
        check("/srv/git/greet.git", None);
        check("https://github.com/acme", None);
        check("https://github.com/a%20b/greet", None);
    }

    #[test]
    fn a_mention_ends_where_a_name_ends() {
        let found = mentioned("repository = \"https://github.com/acme/greet\"\n").unwrap();
        assert_eq!((found.owner.as_str(), found.repo.as_str()), ("acme", "greet"));
        assert_eq!(mentioned("module github.com/acme/greet/v2\n").unwrap().repo, "greet");
        assert_eq!(mentioned("see github.com/acme"), None);
    }
}
