//! A request and an answer as a stand-in sees them: whole, decoded, with no network behind them.
//! Knows nothing of sockets, hyper or faults.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which of a channel's hosts a request was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The REST and GraphQL interface.
    GithubApi,
    /// The host that takes release assets.
    GithubUploads,
    /// The storage behind download redirects; refuses credentials.
    GithubStorage,
    /// What a browser opens.
    GithubWeb,
}

/// Where the hosts of a channel are found by whoever sent a request; no trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Bases {
    pub(crate) api: String,
    pub(crate) uploads: String,
    pub(crate) storage: String,
    pub(crate) web: String,
}

/// The content of a request, hashed while it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    /// The content; empty for an upload, which is spooled to disk.
    pub(crate) bytes: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) role: Role,
    pub(crate) method: String,
    /// The path as sent, without the query, after an Enterprise prefix was taken off.
    pub(crate) path: String,
    /// The parts of the path between slashes, percent-decoded.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The length announced by the client; absent with chunked encoding.
    pub(crate) content_length: Option<u64>,
    pub(crate) body: Body,
    pub(crate) bases: Bases,
}

impl Request {
    /// Returns the value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the parts of the path.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// Splits a path at its slashes and decodes each part.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect()
}

/// Decodes a query string; `+` is a space, as servers of forms read it.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    let decode =
        |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// What is sent back as content.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Bytes(Vec<u8>),
    /// Content kept in the store under its digest.
    Blob {
        sha256: String,
        size: u64,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: Payload,
    /// The content of the request becomes a blob of the store before the answer leaves.
    pub(crate) keep_body: bool,
    /// The state changed although the request was a reading one.
    pub(crate) changed: bool,
    /// What is worth noting although it was accepted.
    pub(crate) remarks: Vec<String>,
}

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        let payload = Payload::Bytes(Vec::new());
        let (headers, remarks) = (Vec::new(), Vec::new());
        Self { status, headers, payload, keep_body: false, changed: false, remarks }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", value.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, text: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self::empty(status).header("Content-Type", content_type);
        answer.payload = Payload::Bytes(text.into());
        answer
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::empty(status).header("Location", location)
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
