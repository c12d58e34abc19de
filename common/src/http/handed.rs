//! Urls that a server hands out: believed only when they lead to the hosts of the channel.
//! Pure; which hosts those are is told.

use anyhow::Result;
use url::Url;

use super::address;
use crate::error::Failure;
use crate::secret::redact;
use crate::terminal::safe_line;

/// Checks a url against hosts of the forms `host`, `host:port`, `.suffix`.
pub(super) fn check(text: &str, hosts: &[String]) -> Result<Url> {
    let refused = |reason: String| {
        anyhow::Error::from(
            Failure::refused(format!("refusing a url that the server handed out: {reason}"))
                .hint("look whether the configured endpoint is the right server"),
        )
    };
    let Ok(url) = Url::parse(text) else {
        return Err(refused(format!("`{}` is none", safe_line(&redact(text), 200))));
    };
    let bare = address::shown_bare(&url);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(format!("`{bare}` carries a user or password")));
    }
    let secure = url.scheme() == "https" || (url.scheme() == "http" && address::is_loopback(&url));
    if !secure || !url.has_host() {
        return Err(refused(format!("`{bare}` is not https")));
    }
    if !hosts.iter().any(|entry| matches(entry, &url)) {
        let known = if hosts.is_empty() { "none".to_owned() } else { hosts.join(", ") };
        return Err(refused(format!("the host of `{bare}` is none of this channel's ({known})")));
    }
    Ok(url)
}

fn matches(entry: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let entry = entry.trim_end_matches('.').to_ascii_lowercase();
    if entry.starts_with('.') {
        // No literal address ends in a suffix of names.
        return url.domain().is_some() && host.len() > entry.len() && host.ends_with(&entry);
    }
    let port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
    entry == host || Some(entry) == port
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};

    #[track_caller]
    fn accepts(url: &str, accepted: bool) {
        let hosts = ["api.example.org", ".cdn.example.org", "127.0.0.1:8080", "localhost", "[::1]"]
            .map(str::to_owned);
        let result = check(url, &hosts);
        assert_eq!(result.is_ok(), accepted, "{url}: {result:?}");
        if let Err(error) = result {
            assert_eq!(kind(&error), Kind::Refused);
        }
    }

    #[test]
    fn only_the_channels_hosts_are_believed() {
        accepts("https://api.example.org/x?y", true);
        accepts("https://API.EXAMPLE.ORG./x", true);
        accepts("https://a.cdn.example.org/", true);
        accepts("https://cdn.example.org/", false);
        accepts("https://evil-api.example.org/", false);
        accepts("https://api.example.org.evil.org/", false);
        accepts("https://api.example.org@evil.org/", false);
        accepts("https://user:pass@api.example.org/", false);
        accepts("https://169.254.169.254/latest", false);
        accepts("//api.example.org/", false);
        accepts("", false);
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        accepts("http://api.example.org/", false);
        accepts("http://127.0.0.1:8080/", true);
        accepts("http://127.0.0.1:8081/", false);
        accepts("http://localhost:1234/", true);
        accepts("http://[::1]:7/", true);
        accepts("file://localhost/etc/passwd", false);
    }

    #[test]
    fn the_refusal_names_the_host_and_not_the_query() {
        let text = check("https://evil.org/up?sig=abcdef", &["api.example.org".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("evil.org")
                && text.contains("api.example.org")
                && !text.contains("abcdef"),
            "{text}"
        );
    }
}
