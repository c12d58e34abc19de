//! Which addresses are this machine's own or a private network's, and which urls may be asked at all.
//! Pure; knows nothing of connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::Result;
use url::{Host, Url};

use crate::error::Failure;
use crate::secret::redact;
use crate::terminal::safe_line;

/// Tells whether a url leads to this machine itself, by its name or literal address.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost")
                || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Tells whether a url names, literally, a loopback, private or link-local address.
pub(super) fn is_literally_private(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Ipv4(address)) => is_private(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_private(IpAddr::V6(address)),
            _ => false,
        }
}

/// Tells whether an address belongs to no public host: loopback, private, shared, link-local (where clouds keep their
/// metadata), unspecified, multicast, and their IPv6 forms.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        || shared
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let bytes = address.octets();
    // IPv4 addresses hide in the last 32 bits: compatible, mapped, translated (64:ff9b::/96).
    let wraps = bytes[..12] == [0; 12]
        || address.to_ipv4_mapped().is_some()
        || bytes[..12] == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
    let inside = Ipv4Addr::new(bytes[12], bytes[13], bytes[14], bytes[15]);
    address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || (wraps && is_private_v4(inside))
}

/// Parses a url that may be asked: https, or http to this machine, and no user or password in it.
pub(super) fn allowed(text: &str) -> Result<Url> {
    let shown = || safe_line(&redact(text), 200);
    let url = Url::parse(text)
        .map_err(|error| Failure::usage(format!("`{}` is no url: {error}", shown())))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not quoted: what stands there is a secret that nobody registered.
        let host = safe_line(url.host_str().unwrap_or_default(), 100);
        return Err(Failure::usage(format!(
            "refusing to use a url of `{host}` with a user or password in it"
        ))
        .hint("set `token` or its variable instead")
        .into());
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(Failure::usage(format!(
            "refusing to ask `{}`: only https, or http to this machine, is allowed",
            shown()
        ))
        .hint("write the url with https://")
        .into()),
    }
}

/// Shows a url in messages: without fragment, and without its query when a secret is in it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if url.query().is_some_and(|query| redact(query) != query) {
        url.set_query(None);
    }
    safe_line(&redact(url.as_str()), 300)
}

/// Shows a url that a server handed out: its query may be a signature, so it is left out altogether.
pub(super) fn shown_bare(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    shown(&url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};
    use crate::secret::Secret;

    #[track_caller]
    fn check(address: &str, private: bool) {
        assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
    }

    #[test]
    fn private_addresses_are_known_in_every_form() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "255.255.255.255",
        ] {
            check(address, true);
        }
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            check(address, false);
        }
    }

    #[test]
    fn odd_spellings_of_loopback_are_loopback() {
        for url in [
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://LocalHost:1/",
            "http://a.localhost/",
        ] {
            assert!(is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(!is_loopback(&Url::parse("http://localhost.example.org/").unwrap()));
    }

    #[test]
    fn only_https_or_this_machine_may_be_asked() {
        allowed("https://example.org/").unwrap();
        allowed("http://127.0.0.1:8080/").unwrap();
        allowed("http://[::1]:8080/").unwrap();
        for url in
            ["http://example.org/", "ftp://127.0.0.1/", "file:///etc/passwd", "example.org", ""]
        {
            assert_eq!(kind(&allowed(url).unwrap_err()), Kind::Usage, "{url}");
        }
        let error = format!("{:#}", allowed("https://me:hunter22@example.org/").unwrap_err());
        assert!(error.contains("example.org") && !error.contains("hunter22"), "{error}");
    }

    #[test]
    fn a_query_with_a_secret_is_not_shown() {
        Secret::new("address-canary");
        let show = |text| shown(&Url::parse(text).unwrap());
        assert_eq!(show("https://a.org/x?page=2#f"), "https://a.org/x?page=2");
        assert_eq!(show("https://a.org/x?key=address-canary"), "https://a.org/x");
        assert_eq!(show("https://a.org/address-canary/y"), "https://a.org/***/y");
    }
}
