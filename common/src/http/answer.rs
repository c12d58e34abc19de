//! An answer: status, headers, and a body that was read to its end within bounds.
//! Whatever is quoted of it is redacted, safe for terminals and short.

use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, StatusCode};
use url::Url;

use anyhow::Result;

use super::address;
use super::download::Received;
use crate::error::Failure;
use crate::secret::redact;
use crate::terminal::{safe_line, safe_text};

/// What a server answered, whatever the status.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body; of an error at most its first 64 KiB, empty when it was downloaded elsewhere.
    pub body: Vec<u8>,
    pub(super) headers: HeaderMap,
    pub(super) url: Url,
    pub(super) operation: String,
    pub(super) received: Option<Received>,
}

impl Answer {
    /// Tells whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns a header's first value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns all values of a header that are text.
    pub fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// Returns the url that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns method and url as messages name them; no secret is in it.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns what was downloaded, after [`hash`](super::Request::hash) and [`save`](super::Request::save) of a 2xx.
    pub fn received(&self) -> Option<&Received> {
        self.received.as_ref()
    }

    /// Reads the body as JSON; what is no such JSON is a refused failure that names the url and quotes a little.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let url = address::shown_bare(&self.url);
            if self.is_html() {
                return Failure::refused(format!("`{url}` answered {} with a page of HTML where JSON was expected", self.status))
                    .hint("look whether the configured endpoint is the API's, and whether a proxy or a login page answers in its place")
                    .into();
            }
            let excerpt = safe_line(&redact(&String::from_utf8_lossy(&self.body)), 200);
            // serde quotes values: they are the server's words too.
            let reason = safe_line(&redact(&error.to_string()), 200);
            Failure::refused(format!("`{url}` answered {} with unexpected JSON: {reason}: {excerpt}", self.status)).into()
        })
    }

    /// Returns the body as text for people: redacted, safe for terminals, at most 2000 characters.
    pub fn text(&self) -> String {
        safe_text(&redact(&String::from_utf8_lossy(&self.body)), 2000)
    }

    /// Returns status and what the server said, on one line: `404 Not Found: no such release`.
    pub fn summary(&self) -> String {
        let phrase =
            StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let status = phrase
            .map_or_else(|| self.status.to_string(), |phrase| format!("{} {phrase}", self.status));
        if self.is_html() {
            return format!("{status} (a page of HTML)");
        }
        let said =
            self.message().unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned());
        let said = safe_line(&redact(&said), 300);
        if said.is_empty() { status } else { format!("{status}: {said}") }
    }

    /// Finds the sentence in an error document: `message`, `error`, `detail` or `title` are what APIs call it.
    fn message(&self) -> Option<String> {
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        ["message", "detail", "error_description", "error", "title"]
            .iter()
            .find_map(|key| document.get(key)?.as_str().map(str::to_owned))
    }

    fn is_html(&self) -> bool {
        let named = self
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        let head = String::from_utf8_lossy(&self.body[..self.body.len().min(256)])
            .trim_start()
            .to_ascii_lowercase();
        let looks = head.starts_with("<!doctype html") || head.starts_with("<html");
        looks || (named && head.starts_with('<'))
    }
}
