//! One attempt: from the opened body to the last byte of the answer, redirects of reads included.
//! Decides nothing about repeating; that is `request`'s.

use std::io::{self, Read};

use ureq::SendBody;
use ureq::http::{self, HeaderMap, Method, header};
use url::Url;

use super::answer::Answer;
use super::body::Body;
use super::download::{Reception, Sink};
use super::trouble::{Trouble, classify};
use super::{Client, address, redirect, wire};
use crate::error::Failure;

/// What is kept of the body of an error, for quoting.
const ERROR_KEPT: usize = 64 * 1024;
/// What is read of a body nobody wants, so that its connection can be used again.
const MOST_DRAINED: u64 = 1024 * 1024;
/// Above this, the server is asked whether it wants the body: an early "401" would be lost otherwise.
const ASK_FIRST: u64 = 1024 * 1024;

/// A request, ready to be sent any number of times.
pub(super) struct Prepared<'a> {
    pub(super) client: &'a Client,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) operation: String,
    pub(super) headers: HeaderMap,
    /// Sent to the first origin only.
    pub(super) secret_headers: HeaderMap,
    pub(super) body: Body,
    pub(super) patient: bool,
    pub(super) most: u64,
    pub(super) progress: Option<&'a dyn Fn(u64)>,
}

impl Prepared<'_> {
    /// Sends the request once and receives its answer.
    pub(super) fn attempt(&self, sink: &Sink) -> Result<Answer, Trouble> {
        let reads = matches!(self.method, Method::GET | Method::HEAD);
        let mut url = self.url.clone();
        let mut with_secrets = true;
        let mut public_only = false;
        for _ in 0..=redirect::MOST {
            let response = self.exchange(&url, with_secrets, public_only)?;
            let status = response.status().as_u16();
            let location =
                response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            if !redirect::is_redirect(status) || (location.is_none() && reads) {
                return self.receive(response, url, sink);
            }
            let location = location.map(str::to_owned);
            drain(response);
            let Some(location) = location.as_deref().filter(|_| reads) else {
                return Err(redirect::of_a_change(
                    &self.operation,
                    status,
                    &url,
                    location.as_deref(),
                )
                .into());
            };
            let from_private = address::is_literally_private(&url) || wire::was_private();
            let next = redirect::next(&url, from_private, location)?;
            public_only = public_only || !from_private;
            with_secrets = with_secrets && redirect::same_origin(&url, &next);
            url = next;
        }
        Err(Failure::refused(format!(
            "`{}` was redirected more than {} times",
            self.operation,
            redirect::MOST
        ))
        .into())
    }

    /// Sends to one url, and again without `Expect` where that is not understood (417).
    fn exchange(
        &self,
        url: &Url,
        with_secrets: bool,
        public_only: bool,
    ) -> Result<http::Response<ureq::Body>, Trouble> {
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let ask = self.body.length() > ASK_FIRST && !self.client.ignores_expect(&host);
        let response = self.once(url, with_secrets, public_only, ask)?;
        if wire::was_unheard() {
            self.client.remember_silent(&host);
        }
        if ask && response.status() == http::StatusCode::EXPECTATION_FAILED {
            self.client.remember_silent(&host);
            drain(response);
            return self.once(url, with_secrets, public_only, false);
        }
        Ok(response)
    }

    fn once(
        &self,
        url: &Url,
        with_secrets: bool,
        public_only: bool,
        ask: bool,
    ) -> Result<http::Response<ureq::Body>, Trouble> {
        let mut limits = self.client.limits(self.patient);
        limits.public_only = public_only;
        wire::begin(limits);

        let mut outgoing = self.body.open(self.progress.filter(|_| self.body.is_upload()))?;
        let length = self.body.length();
        let has_body = length > 0 || self.body.content_type().is_some();
        let (parts, ()) = self.head(url, with_secrets, ask, has_body, length)?.into_parts();
        let agent = self.client.agent(url);
        let result = if has_body {
            agent.run(http::Request::from_parts(parts, SendBody::from_reader(&mut outgoing)))
        } else {
            agent.run(http::Request::from_parts(parts, SendBody::none()))
        };
        if let Some(failure) = outgoing.failure() {
            return Err(Trouble::Fatal(failure));
        }
        let response = result
            .map_err(|error| classify(error, &self.operation, limits.stall, limits.answer))?;
        if response.status().is_success() && !outgoing.is_delivered() {
            let reason = format!("{} came before the whole body was sent", response.status());
            return Err(Trouble::Unanswered(reason));
        }
        Ok(response)
    }

    fn head(
        &self,
        url: &Url,
        with_secrets: bool,
        ask: bool,
        has_body: bool,
        length: u64,
    ) -> Result<http::Request<()>, Trouble> {
        let bare = &url[..url::Position::AfterQuery];
        let mut request =
            http::Request::builder().method(self.method.clone()).uri(bare).body(()).map_err(
                |error| Failure::usage(format!("`{}` cannot be sent: {error}", self.operation)),
            )?;
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        if with_secrets {
            headers.extend(self.secret_headers.clone());
        }
        let changes = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if has_body || changes {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        if ask {
            headers.insert(header::EXPECT, http::HeaderValue::from_static("100-continue"));
        }
        Ok(request)
    }

    fn receive(
        &self,
        mut response: http::Response<ureq::Body>,
        url: Url,
        sink: &Sink,
    ) -> Result<Answer, Trouble> {
        let status = response.status().as_u16();
        let mut reader = response.body_mut().as_reader();
        let (body, received) = if (200..300).contains(&status) && self.method != Method::HEAD {
            let limits = self.client.limits(self.patient);
            let progress = self.progress.filter(|_| !self.body.is_upload());
            let reception = Reception { operation: &self.operation, most: self.most, progress };
            reception.receive(&mut reader, sink, &|error| {
                classify(error.into(), &self.operation, limits.stall, limits.answer)
            })?
        } else {
            // The status is the answer: a body that breaks off only says less.
            (drain_keeping(&mut reader, ERROR_KEPT), None)
        };
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer { status, body, headers, url, operation: self.operation.clone(), received })
    }
}

fn drain(mut response: http::Response<ureq::Body>) {
    drain_keeping(&mut response.body_mut().as_reader(), 0);
}

/// Reads a body to its end, within bounds, and keeps its beginning.
fn drain_keeping(reader: &mut dyn Read, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut reader = reader.take(MOST_DRAINED);
    // Errors end it: what is here is only for quoting, and a broken connection is not used again.
    let _ = reader.by_ref().take(most as u64).read_to_end(&mut kept);
    let _ = io::copy(&mut reader, &mut io::sink());
    kept
}
