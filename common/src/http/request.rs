//! Building a request, and sending it until it is answered, lost, or given up: the one place that repeats.
//! Knows no channel; what is safe to repeat is said by the caller.

use std::path::Path;

use anyhow::Result;
use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::answer::Answer;
use super::attempt::Prepared;
use super::body::Body;
use super::download::{Expected, Sink};
use super::limits::{Verdict, judge};
use super::trouble::{Lost, Trouble};
use super::{Client, address};
use crate::error::Failure;
use crate::secret::Secret;

/// The most bytes of a body kept in memory.
const MOST_KEPT: u64 = 32 * 1024 * 1024;
/// RFC 3986's unreserved characters stay; a `+` does not, because servers read it as a space.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request being built. Mistakes in it (a bad url, a bad header) are told when it is sent.
pub struct Request<'a> {
    client: &'a Client,
    method: Method,
    url: Result<Url>,
    headers: HeaderMap,
    secret_headers: HeaderMap,
    body: Body,
    mistake: Option<anyhow::Error>,
    safe: bool,
    patient: bool,
    most: Option<u64>,
    progress: Option<&'a dyn Fn(u64)>,
}

impl<'a> Request<'a> {
    pub(super) fn new(client: &'a Client, method: Method, url: &str) -> Self {
        Self {
            client,
            safe: matches!(method, Method::GET | Method::HEAD),
            method,
            url: address::allowed(url),
            headers: HeaderMap::new(),
            secret_headers: HeaderMap::new(),
            body: Body::empty(),
            mistake: None,
            patient: false,
            most: None,
            progress: None,
        }
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match pair(name, value) {
            Ok((name, value)) => _ = self.headers.insert(name, value),
            Err(mistake) => _ = self.mistake.get_or_insert(mistake),
        }
        self
    }

    /// Sets a header that no other origin than the first may see.
    #[must_use]
    pub fn secret_header(self, name: &str, value: &Secret) -> Self {
        self.confidential(name, value.expose())
    }

    /// Sets `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &Secret) -> Self {
        let value = format!("Bearer {}", token.expose());
        self.confidential("authorization", &value)
    }

    /// Sets `Authorization: Basic`.
    #[must_use]
    pub fn basic(self, user: &str, password: &Secret) -> Self {
        let pair = format!("{user}:{}", password.expose());
        let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        self.confidential("authorization", &value)
    }

    fn confidential(mut self, name: &str, value: &str) -> Self {
        match pair(name, value) {
            Ok((name, mut value)) => {
                value.set_sensitive(true);
                self.secret_headers.insert(name, value);
            }
            Err(mistake) => _ = self.mistake.get_or_insert(mistake),
        }
        self
    }

    /// Adds pairs to the query, percent-encoding all but the unreserved characters.
    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        if let Ok(url) = &mut self.url {
            let mut query = url.query().unwrap_or_default().to_owned();
            for (key, value) in pairs {
                if !query.is_empty() {
                    query.push('&');
                }
                query.extend(utf8_percent_encode(key, QUERY));
                query.push('=');
                query.extend(utf8_percent_encode(value, QUERY));
            }
            url.set_query((!query.is_empty()).then_some(&query));
        }
        self
    }

    /// Sends a value as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body(Body::bytes("application/json", bytes)),
            Err(error) => {
                self.mistake
                    .get_or_insert(anyhow::Error::from(error).context("failed to write JSON"));
                self
            }
        }
    }

    /// Sends a body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Says that sending it twice is as good as once. GET and HEAD are; anything else is repeated only when the server
    /// turned it away or nothing of it was sent, and is [`Lost`] otherwise.
    #[must_use]
    pub fn safe_to_repeat(mut self) -> Self {
        self.safe = true;
        self
    }

    /// Gives the server at least 300 s to answer, as uploads of files have anyway: for requests that finish something.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// Refuses a 2xx with a body of more bytes; 32 MiB are the default for what is kept in memory.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.most = Some(bytes);
        self
    }

    /// Is told how many bytes of this attempt have gone (uploads of files) or come (everything else); a repeat begins
    /// from 0 again.
    #[must_use]
    pub fn progress(mut self, progress: &'a dyn Fn(u64)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Sends it and keeps the body in memory. Any status is an [`Answer`], but those that were retried out.
    pub fn send(self) -> Result<Answer> {
        self.deliver(&Sink::Keep)
    }

    /// Sends it and only hashes the body of a 2xx: see [`Answer::received`].
    pub fn hash(self) -> Result<Answer> {
        self.deliver(&Sink::Hash)
    }

    /// Sends it and saves the body of a 2xx under a name, whole and as expected, or not at all.
    pub fn save(self, path: &Path, expected: Expected) -> Result<Answer> {
        self.deliver(&Sink::Save(path.to_owned(), expected))
    }

    fn deliver(self, sink: &Sink) -> Result<Answer> {
        let (prepared, safe) = self.prepare(sink)?;
        let budget = prepared.client.budget();
        let operation = &prepared.operation;
        loop {
            let (reason, asked) = match prepared.attempt(sink) {
                Ok(answer) => {
                    let now = jiff::Timestamp::now().as_second();
                    match judge(answer.status, &answer.headers, &answer.body, now) {
                        Verdict::Final => {
                            budget.settle(operation);
                            return Ok(answer);
                        }
                        Verdict::Unclear(_) if !safe => {
                            return Err(Lost::error(operation, answer.summary()));
                        }
                        Verdict::TurnedAway(asked) | Verdict::Unclear(asked) => {
                            (answer.summary(), asked)
                        }
                    }
                }
                Err(Trouble::Fatal(error)) => return Err(error),
                Err(Trouble::Unanswered(reason)) if !safe => {
                    return Err(Lost::error(operation, reason));
                }
                Err(Trouble::Unanswered(reason) | Trouble::NotSent(reason)) => (reason, None),
            };
            budget.spend(operation, &reason, asked)?;
        }
    }

    fn prepare(self, sink: &Sink) -> Result<(Prepared<'a>, bool)> {
        let mut headers = self.headers;
        let url = self.url?;
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        if let Some(kind) = self.body.content_type()
            && !headers.contains_key("content-type")
        {
            let (name, value) = pair("content-type", kind)?;
            headers.insert(name, value);
        }
        let most =
            self.most.unwrap_or(if matches!(sink, Sink::Keep) { MOST_KEPT } else { u64::MAX });
        let prepared = Prepared {
            client: self.client,
            operation: format!("{} {}", self.method, address::shown(&url)),
            method: self.method,
            url,
            headers,
            secret_headers: self.secret_headers,
            patient: self.patient || self.body.is_upload(),
            body: self.body,
            most,
            progress: self.progress,
        };
        Ok((prepared, self.safe))
    }
}

fn pair(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    // Neither value nor the library's reason is quoted: it may be a secret.
    let key = HeaderName::try_from(name)
        .map_err(|_| Failure::usage(format!("`{name}` is no name of a header")))?;
    let value = HeaderValue::try_from(value).map_err(|_| {
        Failure::usage(format!(
            "the value for the header `{name}` holds a line end or another control character"
        ))
        .hint("look for a stray line end in the token or its variable")
    })?;
    Ok((key, value))
}
