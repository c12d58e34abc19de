//! One configured HTTP client: what is repeated, followed, believed and sent is decided here, once, for every tool.
//! Hides ureq altogether; knows no channel, only hosts it is told of.

mod address;
mod answer;
mod attempt;
mod body;
mod download;
mod handed;
mod limits;
mod proxy;
mod redirect;
mod request;
mod resolve;
mod tls;
mod trouble;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, TcpConnector};
use url::Url;

pub use answer::Answer;
pub use body::{Body, Part};
pub use download::{Expected, Received};
pub use request::Request;
pub use trouble::{Lost, lost};

use crate::retry::Budget;
use proxy::Proxies;

/// How long a server may think about an upload before its answer is given up, at least.
const LEAST_ANSWER_WAIT: Duration = Duration::from_secs(300);
/// How long `Expect: 100-continue` waits before the body is sent anyway; ureq's own second is paid for every upload
/// to a server that ignores it.
const CONTINUE_WAIT: Duration = Duration::from_millis(250);

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tool's name, for the user agent.
    pub tool: String,
    /// The tool's version, for the user agent.
    pub version: String,
    /// How long sending or receiving may make no progress.
    pub timeout: Duration,
    /// How many connections to one host are kept for the next request: the tool's concurrency.
    pub connections: usize,
    /// The attempts and the time there are, shared with the driver.
    pub budget: Arc<Budget>,
    /// The hosts that a url handed out by a server may lead to: `host`, `host:port` or `.suffix`.
    pub hosts: Vec<String>,
}

impl Settings {
    /// Makes settings with a stall limit of 30 s, 5 connections and no hosts.
    pub fn new(tool: impl Into<String>, version: impl Into<String>, budget: Arc<Budget>) -> Self {
        Self {
            tool: tool.into(),
            version: version.into(),
            timeout: Duration::from_secs(30),
            connections: 5,
            budget,
            hosts: Vec::new(),
        }
    }
}

/// A client; cheap to clone, and shared by threads.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    proxies: Proxies,
    direct: Agent,
    tunnelled: Agent,
    /// Hosts that let `Expect: 100-continue` wait in vain.
    silent: Mutex<HashSet<String>>,
}

impl Client {
    /// Makes a client; proxies and `SSL_CERT_FILE` are read from the environment.
    pub fn new(settings: Settings) -> Result<Self> {
        Self::in_environment(settings, &|name| std::env::var(name).ok())
    }

    fn in_environment(settings: Settings, look: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let proxies = Proxies::read(look)?;
        let roots =
            tls::configuration(look("SSL_CERT_FILE").filter(|path| !path.is_empty()).as_deref())?;
        let agent = |proxy: Option<ureq::Proxy>| {
            let guard = proxy.is_none();
            let connector =
                ().chain(wire::Begin)
                    .chain(ConnectProxyConnector::default())
                    .chain(TcpConnector::default())
                    .chain(wire::KeepReading)
                    .chain(tls::Tls::new(Arc::clone(&roots)))
                    .chain(wire::Watch);
            Agent::with_parts(
                configuration(&settings, proxy),
                connector,
                resolve::Guarded::new(guard),
            )
        };
        let (direct, tunnelled) = (agent(None), agent(proxies.proxy()));
        Ok(Self {
            inner: Arc::new(Inner {
                direct,
                tunnelled,
                proxies,
                settings,
                silent: Mutex::default(),
            }),
        })
    }

    /// Asks for a page; repeated when it fails.
    pub fn get(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::GET, url.as_ref())
    }

    /// Asks for the headers of a page; repeated when it fails.
    pub fn head(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::HEAD, url.as_ref())
    }

    /// Sends a POST; see [`Request::safe_to_repeat`].
    pub fn post(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::POST, url.as_ref())
    }

    /// Sends a PUT; see [`Request::safe_to_repeat`].
    pub fn put(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::PUT, url.as_ref())
    }

    /// Sends a PATCH; see [`Request::safe_to_repeat`].
    pub fn patch(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::PATCH, url.as_ref())
    }

    /// Sends a DELETE; see [`Request::safe_to_repeat`].
    pub fn delete(&self, url: impl AsRef<str>) -> Request<'_> {
        Request::new(self, ureq::http::Method::DELETE, url.as_ref())
    }

    /// Accepts a url that a server handed out (`upload_url`, `Location`, the next page) only when it is https, or
    /// loopback, and its host is one of the settings' `hosts`; anything else is refused by name.
    pub fn handed(&self, url: &str) -> Result<Url> {
        handed::check(url, &self.inner.settings.hosts)
    }

    fn budget(&self) -> &Budget {
        &self.inner.settings.budget
    }

    fn is_proxied(&self, url: &Url) -> bool {
        self.inner.proxies.apply_to(url)
    }

    fn agent(&self, url: &Url) -> &Agent {
        if self.is_proxied(url) { &self.inner.tunnelled } else { &self.inner.direct }
    }

    fn limits(&self, patient: bool) -> wire::Limits {
        let stall = self.inner.settings.timeout;
        let answer = if patient { stall.max(LEAST_ANSWER_WAIT) } else { stall };
        wire::Limits { stall, answer, deadline: self.budget().deadline(), public_only: false }
    }

    fn ignores_expect(&self, host: &str) -> bool {
        self.inner.silent.lock().unwrap_or_else(PoisonError::into_inner).contains(host)
    }

    fn remember_silent(&self, host: &str) {
        self.inner.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

fn configuration(settings: &Settings, proxy: Option<ureq::Proxy>) -> Config {
    let Settings { tool, version, timeout, connections, .. } = settings;
    Agent::config_builder()
        // 4xx and 5xx keep their body: it says why.
        .http_status_as_error(false)
        // ureq forwards `X-NuGet-ApiKey` to other hosts and turns a redirected PUT into a GET that "succeeds".
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .user_agent(format!("landfall-{tool}/{version}"))
        .timeout_resolve(Some(*timeout))
        .timeout_connect(Some(*timeout))
        .timeout_per_write(Some(*timeout))
        .timeout_per_read(Some(*timeout))
        .timeout_await_100(Some(CONTINUE_WAIT))
        // The default of three would close connections that the next upload needs.
        .max_idle_connections_per_host((*connections).max(1))
        .max_idle_connections((*connections).max(1) * 4)
        .build()
}
