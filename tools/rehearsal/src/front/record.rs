//! What is noted of a request as it arrives; tokens become the names that stand for them.
//! Knows nothing of answers.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::Front;
use crate::canary;
use crate::fault::Fault;
use crate::github::token;
use crate::log::Logged;
use crate::message::Request;
use crate::store::digest;

/// Begins the record of a request; body and status follow.
pub(super) fn record(
    front: &Front,
    request: &Request,
    number: u64,
    host: &str,
    target: &str,
    fault: Option<&Fault>,
) -> Logged {
    let shared = front.shared();
    let canaries = &shared.world.canaries;
    let sent = request.header("authorization").map(|header| token(header).unwrap_or_default());
    let known = sent.as_ref().map(|token| canaries.iter().find(|known| known.value == *token));
    let hide = |name: &str, value: &str| match name {
        "authorization" | "cookie" | "proxy-authorization" => "***".to_owned(),
        _ => canary::hide(canaries, value),
    };
    let headers = request.headers.iter().map(|(name, value)| (name.clone(), hide(name, value)));
    Logged {
        number,
        at: front.clock.now().to_string(),
        role: request.role,
        host: host.to_owned(),
        method: request.method.clone(),
        path: canary::hide(canaries, target),
        status: None,
        mutating: !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS"),
        body_size: 0,
        body_sha256: digest(b""),
        authorized: known.is_some_and(|known| known.is_some()),
        token: known.map(|known| known.map_or("unknown".to_owned(), |known| known.name.clone())),
        fault: fault.map(|fault| fault.name().to_owned()),
        remarks: Vec::new(),
        headers: headers.collect(),
    }
}

/// Returns all headers, names in lower case.
pub(super) fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    map.iter().map(pair).collect()
}

/// Returns one header.
pub(super) fn text(map: &HeaderMap, name: &HeaderName) -> Option<String> {
    map.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
