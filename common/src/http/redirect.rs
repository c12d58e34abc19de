//! Where a redirect may lead: pure decisions, one hop at a time.
//! Knows nothing of headers; whether secrets travel on follows from [`same_origin`].

use anyhow::Result;
use url::Url;

use super::address;
use crate::error::Failure;
use crate::secret::redact;
use crate::terminal::safe_line;

/// How many hops are followed.
pub(super) const MOST: usize = 10;

/// Tells the statuses that ask to go elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Tells whether scheme, host and port are the same.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// Decides where a GET or HEAD goes on; `from_private` says that it came from a private address itself.
pub(super) fn next(from: &Url, from_private: bool, location: &str) -> Result<Url> {
    let refused = |reason: String| {
        Failure::refused(format!(
            "refusing to follow the redirect of `{}`: {reason}",
            address::shown(from)
        ))
    };
    let to = from.join(location).map_err(|error| {
        refused(format!("`{}` is no url ({error})", safe_line(&redact(location), 200)))
    })?;
    let bare = address::shown_bare(&to);
    if !to.username().is_empty() || to.password().is_some() {
        return Err(refused(format!("`{bare}` carries a user or password")).into());
    }
    match (from.scheme(), to.scheme()) {
        (_, "https") => {}
        ("https", "http") => return Err(refused(format!("`{bare}` is not https any more")).into()),
        (_, "http") if address::is_loopback(&to) => {}
        _ => return Err(refused(format!("`{bare}` is not https")).into()),
    }
    if !from_private && address::is_literally_private(&to) {
        return Err(refused(format!("`{bare}` is in a private network")).into());
    }
    Ok(to)
}

/// Explains why a redirect of a request that changes something is not followed.
pub(super) fn of_a_change(
    operation: &str,
    status: u16,
    from: &Url,
    location: Option<&str>,
) -> anyhow::Error {
    let target = location
        .and_then(|location| from.join(location).ok())
        .map_or_else(|| "nowhere".to_owned(), |to| format!("to `{}`", address::shown_bare(&to)));
    Failure::refused(format!(
        "`{operation}` was redirected ({status}) {target}; only reading follows redirects"
    ))
    .hint("renamed repository or moved endpoint? set the new name in the configuration")
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, from_private: bool, location: &str, expected: Result<&str, &str>) {
        let result = next(&Url::parse(from).unwrap(), from_private, location).map(String::from);
        match (result, expected) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (result, expected) => panic!("{from} -> {location}: {result:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn relative_and_absolute_targets_are_followed() {
        check("https://a.org/x/y", false, "z?q=1", Ok("https://a.org/x/z?q=1"));
        check("https://a.org/x/y", false, "//b.org/z", Ok("https://b.org/z"));
        check("http://127.0.0.1:1/x", true, "http://127.0.0.1:2/", Ok("http://127.0.0.1:2/"));
        check("http://127.0.0.1:1/x", true, "https://b.org/", Ok("https://b.org/"));
    }

    #[test]
    fn downgrades_and_other_schemes_are_refused() {
        check("https://a.org/", false, "http://a.org/", Err("not https any more"));
        check("https://a.org/", true, "http://127.0.0.1/", Err("not https any more"));
        check("http://127.0.0.1/", true, "http://b.org/", Err("not https"));
        check("https://a.org/", false, "file:///etc/passwd", Err("not https"));
        check("https://a.org/", false, "https://u:p@b.org/", Err("user or password"));
        check("https://a.org/", false, "https://[/", Err("no url"));
    }

    #[test]
    fn a_public_server_cannot_send_us_into_a_private_network() {
        for target in [
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://169.254.169.254/x",
            "https://[fd00::1]/",
            "https://localhost/",
        ] {
            check("https://a.org/", false, target, Err("private network"));
        }
        check("https://10.0.0.2/", true, "https://10.0.0.1/", Ok("https://10.0.0.1/"));
    }

    #[test]
    fn the_signature_of_the_target_is_not_shown() {
        let from = Url::parse("https://a.org/up").unwrap();
        let text =
            of_a_change("PUT https://a.org/up", 302, &from, Some("https://b.org/in?sig=abcdef"))
                .to_string();
        assert!(text.contains("https://b.org/in") && !text.contains("abcdef"), "{text}");
    }
}
