//! Which requests go through a proxy: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, read once.
//! Knows no connection; loopback is never proxied, whatever the environment says.

use std::net::IpAddr;

use anyhow::Result;
use url::{Host, Url};

use super::address;
use crate::error::Failure;
use crate::secret::Secret;

/// The proxy of the environment, and the hosts it is not for.
#[derive(Default)]
pub(super) struct Proxies {
    proxy: Option<ureq::Proxy>,
    exceptions: Vec<Exception>,
}

impl Proxies {
    /// Reads the variables; the upper-case name wins, `HTTPS_PROXY` over `ALL_PROXY`. A proxy that is none, or speaks
    /// SOCKS, is a usage failure.
    pub(super) fn read(look: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = look(name)?;
                let value = value.trim();
                (!value.is_empty()).then(|| (*name, value.to_owned()))
            })
        };
        let proxy = match first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
            Some((name, value)) => Some(parse(name, &value)?),
            None => None,
        };
        let exceptions =
            first(&["NO_PROXY", "no_proxy"]).map(|(_, value)| value).unwrap_or_default();
        let exceptions = exceptions
            .split([',', ' ', '\t'])
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .filter_map(Exception::parse)
            .collect();
        Ok(Self { proxy, exceptions })
    }

    /// Returns the proxy, if there is one.
    pub(super) fn proxy(&self) -> Option<ureq::Proxy> {
        self.proxy.clone()
    }

    /// Tells whether a url is asked through the proxy.
    pub(super) fn apply_to(&self, url: &Url) -> bool {
        self.proxy.is_some()
            && !address::is_loopback(url)
            && !self.exceptions.iter().any(|exception| exception.matches(url))
    }
}

fn parse(name: &str, value: &str) -> Result<ureq::Proxy> {
    // Never quoted: a proxy's password stands in it.
    let unusable = |reason: &str| {
        Failure::usage(format!("cannot use the proxy in `{name}`: {reason}"))
            .hint(format!("{name}=http://host:port, or unset it"))
    };
    let text = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&text).map_err(|error| unusable(&error.to_string()))?;
    if let Some(password) = url.password() {
        Secret::new(password);
        Secret::new(percent_encoding::percent_decode_str(password).decode_utf8_lossy());
    }
    match url.scheme() {
        "http" | "https" if url.has_host() => {}
        scheme => {
            return Err(unusable(&format!(
                "`{scheme}` proxies are not supported, only http and https"
            ))
            .into());
        }
    }
    ureq::Proxy::new(&text).map_err(|_| unusable("it is no url of a proxy").into())
}

/// One entry of `NO_PROXY`.
#[derive(Debug, PartialEq)]
enum Exception {
    All,
    /// A name with all its subdomains, or only these, on one port or on every.
    Name {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
    /// Addresses that begin with these bits, on one port or on every.
    Net {
        address: IpAddr,
        bits: u32,
        port: Option<u16>,
    },
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::All);
        }
        if let Some((address, bits)) = entry.split_once('/') {
            let (address, bits) = (parse_address(address)?, bits.parse().ok()?);
            return (bits <= width(address)).then_some(Self::Net { address, bits, port: None });
        }
        if let Some(address) = parse_address(entry) {
            return Some(Self::Net { address, bits: width(address), port: None });
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        if let Some(address) = parse_address(host) {
            return Some(Self::Net { address, bits: width(address), port });
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let name = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
        let itself = name.is_none();
        let name = name.unwrap_or(&host).to_owned();
        (!name.is_empty()).then_some(Self::Name { name, itself, port })
    }

    fn matches(&self, url: &Url) -> bool {
        let right_port =
            |port: &Option<u16>| port.is_none() || *port == url.port_or_known_default();
        match self {
            Self::All => true,
            Self::Name { name, itself, port } => {
                let host =
                    url.domain().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
                let below =
                    host.strip_suffix(name.as_str()).is_some_and(|left| left.ends_with('.'));
                right_port(port) && (below || (*itself && host == *name))
            }
            Self::Net { address, bits, port } => {
                let host = match url.host() {
                    Some(Host::Ipv4(found)) => IpAddr::V4(found),
                    Some(Host::Ipv6(found)) => IpAddr::V6(found),
                    _ => return false,
                };
                right_port(port) && begins_alike(host, *address, *bits)
            }
        }
    }
}

fn parse_address(text: &str) -> Option<IpAddr> {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).parse().ok()
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn begins_alike(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (u32::from(one) ^ u32::from(other)).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            (u128::from(one) ^ u128::from(other)).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, kind};
    use crate::secret::redact;

    fn read(pairs: &[(&str, &str)]) -> Result<Proxies> {
        Proxies::read(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[track_caller]
    fn check(exceptions: &str, url: &str, expected: bool) {
        let proxies =
            read(&[("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", exceptions)]).unwrap();
        assert_eq!(proxies.apply_to(&Url::parse(url).unwrap()), expected, "{exceptions:?} {url}");
    }

    #[test]
    fn names_suffixes_ports_and_networks_are_exceptions() {
        check("", "https://a.org/", true);
        check("*", "https://a.org/", false);
        check("a.org", "https://a.org/", false);
        check("a.org", "https://x.a.org/", false);
        check("a.org", "https://ba.org/", true);
        check(".a.org", "https://x.a.org/", false);
        check(".a.org", "https://a.org/", true);
        check("*.a.org", "https://x.a.org/", false);
        check("b.org, A.ORG", "https://a.org/", false);
        check("a.org:8443", "https://a.org/", true);
        check("a.org:8443", "https://a.org:8443/", false);
        check("a.org:443", "https://a.org/", false);
        check("10.0.0.0/8", "https://10.200.1.1/", false);
        check("10.0.0.0/8", "https://11.0.0.1/", true);
        check("10.0.0.0/8", "https://a.org/", true);
        check("0.0.0.0/0", "https://11.0.0.1/", false);
        check("192.0.2.7", "https://192.0.2.7/", false);
        check("192.0.2.7:8443", "https://192.0.2.7/", true);
        check("2001:db8::/32", "https://[2001:db8:1::1]/", false);
        check("[2001:db8::1]:443", "https://[2001:db8::1]/", false);
        check("10.0.0.0/99,://,:x,.", "https://a.org/", true);
    }

    #[test]
    fn loopback_is_never_proxied() {
        for url in
            ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "https://127.8.8.8/"]
        {
            check("", url, false);
        }
    }

    #[test]
    fn variables_have_an_order_and_empty_ones_do_not_count() {
        let proxies =
            read(&[("HTTPS_PROXY", " "), ("https_proxy", "one:1"), ("ALL_PROXY", "two:2")])
                .unwrap();
        assert_eq!(proxies.proxy().unwrap().host(), "one");
        assert_eq!(read(&[("all_proxy", "https://two:2")]).unwrap().proxy().unwrap().port(), 2);
        assert!(read(&[("HTTP_PROXY", "http://one:1")]).unwrap().proxy().is_none());
    }

    #[test]
    fn an_unusable_proxy_is_a_usage_failure_that_hides_its_password() {
        for value in ["socks5://me:proxy-canary@host:1", "http://", "::"] {
            let error = read(&[("HTTPS_PROXY", value)]).map(|_| ()).unwrap_err();
            assert_eq!(kind(&error), Kind::Usage, "{value}");
            assert!(!format!("{error:#}").contains("proxy-canary"), "{error:#}");
        }
        assert_eq!(redact("x proxy-canary x"), "x *** x");
    }
}
