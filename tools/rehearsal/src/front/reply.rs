//! Answers on their way out: noted, then sent whole, spoilt by a fault, or not at all.
//! Knows nothing of what was asked.

use std::io;
use std::time::Duration;

use hyper::Response;
use hyper::header::CONTENT_LENGTH;

use super::Front;
use super::body::{self, Outgoing};
use crate::fault::{Effect, Fault};
use crate::github;
use crate::log::Logged;
use crate::message::{Answer, Payload};

/// Returns the answer of a fault that leaves the request unprocessed.
pub(super) fn instead(front: &Front, fault: &Fault) -> Option<Answer> {
    match fault {
        Fault::Status { code, retry_after, effect: Effect::Before } => {
            Some(status(*code, *retry_after))
        }
        Fault::RateLimit { limit, code, retry_after } => {
            Some(github::rate_limited(*limit, *code, *retry_after, front.clock.now()))
        }
        Fault::HtmlPage { code } => {
            let page =
                "<html><head><title>Unicorn!</title></head><body>We had issues.</body></html>";
            Some(Answer::text(*code, "text/html", page))
        }
        _ => None,
    }
}

pub(super) fn status(code: u16, retry_after: Option<u64>) -> Answer {
    let body = serde_json::json!({"message": "Server Error", "status": code.to_string()});
    let answer = Answer::json(code, &body);
    match retry_after {
        Some(seconds) => answer.header("Retry-After", seconds.to_string()),
        None => answer,
    }
}

/// Notes a request and cuts its connection.
pub(super) fn cut(front: &Front, logged: Logged, reason: &str) -> io::Result<Response<Outgoing>> {
    front.log.note(logged).map_err(io::Error::other)?;
    Err(io::Error::other(reason.to_owned()))
}

/// Notes a request and sends its answer.
pub(super) fn send(
    front: &Front,
    mut logged: Logged,
    answer: &Answer,
    fault: Option<&Fault>,
) -> io::Result<Response<Outgoing>> {
    logged.status = Some(answer.status);
    front.log.note(logged).map_err(io::Error::other)?;
    respond(front, answer, fault)
}

/// Writes an answer out, spoilt where a fault says so.
pub(super) fn respond(
    front: &Front,
    answer: &Answer,
    fault: Option<&Fault>,
) -> io::Result<Response<Outgoing>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let (length, content) = match (&answer.payload, fault) {
        (Payload::Blob { sha256, size }, None) => (*size, body::file(&front.store.blob(sha256))?),
        (Payload::Blob { sha256, .. }, Some(fault)) => {
            let bytes = common::fs::read(&front.store.blob(sha256)).map_err(io::Error::other)?;
            spoil(&bytes, fault)
        }
        (Payload::Bytes(bytes), None) => (bytes.len() as u64, body::whole(bytes.clone())),
        (Payload::Bytes(bytes), Some(fault)) => spoil(bytes, fault),
    };
    if answer.status != 204 && answer.status != 304 {
        response = response.header(CONTENT_LENGTH, length);
    }
    response.body(content).map_err(io::Error::other)
}

/// Returns content as a fault lets it through, with the length that is announced.
fn spoil(bytes: &[u8], fault: &Fault) -> (u64, Outgoing) {
    let length = bytes.len() as u64;
    match fault {
        Fault::TruncatedJson => {
            let half = bytes[..bytes.len() / 2].to_vec();
            (half.len() as u64, body::whole(half))
        }
        Fault::ShortBody => (length, body::short(bytes)),
        Fault::SlowBody { piece, pause } => {
            (length, body::slow(bytes.to_vec(), *piece, Duration::from_millis(*pause)))
        }
        _ => (length, body::whole(bytes.to_vec())),
    }
}
