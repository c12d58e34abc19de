//! What can go wrong between a request and its answer, and whether it may have had its effect.
//! Knows ureq's errors; decides nothing about repeating.

use std::fmt;
use std::time::Duration;

use ureq::{Error, Timeout};

use super::{resolve, tls, wire};
use crate::error::Failure;
use crate::secret::redact;
use crate::terminal::safe_line;

/// A request that may or may not have had its effect: look at the remote again and decide anew.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The request, as the budget names it.
    pub operation: String,
    /// What happened instead of an answer.
    pub reason: String,
}

impl Lost {
    /// Makes the error: temporary for whoever does not look for it.
    pub fn error(operation: &str, reason: impl Into<String>) -> anyhow::Error {
        let reason = reason.into();
        let message = format!("the answer to `{operation}` was lost; it may have had its effect");
        Failure::temporary(message)
            .hint("run the same command again: it looks at what is there first")
            .because(Self { operation: operation.to_owned(), reason })
            .into()
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Lost {}

/// Finds out whether an error means a lost answer, through any context.
pub fn lost(error: &anyhow::Error) -> Option<&Lost> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// Why an attempt brought no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing of the request has left.
    NotSent(String),
    /// Something has left, and no whole answer came.
    Unanswered(String),
    /// Trying again will not help.
    Fatal(anyhow::Error),
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Fatal(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Fatal(failure.into())
    }
}

/// Classifies ureq's error for the request of this thread; `operation` is for messages.
pub(super) fn classify(
    error: Error,
    operation: &str,
    stall: Duration,
    answer: Duration,
) -> Trouble {
    if let Some(reason) = tls::certificate_trouble(&error) {
        let reason = safe_line(&reason, 200);
        return Failure::refused(format!("`{operation}`: the server's certificate is not trusted: {reason}"))
            .hint("behind a company's proxy, let SSL_CERT_FILE name its certificates; otherwise look at the clock")
            .into();
    }
    let reason = match error {
        Error::Http(error) => return unusable(operation, &error.to_string()),
        Error::BadUri(reason) => return unusable(operation, &reason),
        Error::RequireHttpsOnly(_) => return unusable(operation, "only https is allowed"),
        Error::Tls(reason) => return unusable(operation, reason),
        Error::ConnectProxyFailed(reason) => return proxy(operation, &reason),
        Error::Other(error) if error.is::<resolve::Private>() => {
            let message = format!("refusing to follow the redirect of `{operation}`: {error}");
            return Failure::refused(safe_line(&redact(&message), 400)).into();
        }
        Error::Timeout(which) => timeout(which, stall, answer),
        Error::HostNotFound => "the host has no address".to_owned(),
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the connection ended early".to_owned()
        }
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    let reason = safe_line(&redact(&reason), 300);
    if wire::was_sent() { Trouble::Unanswered(reason) } else { Trouble::NotSent(reason) }
}

fn unusable(operation: &str, reason: &str) -> Trouble {
    let reason = safe_line(&redact(reason), 200);
    Failure::refused(format!("`{operation}` cannot be sent: {reason}")).into()
}

/// A proxy that refuses will refuse again; one that could not reach the server may reach it later.
fn proxy(operation: &str, reason: &str) -> Trouble {
    let reason = safe_line(&redact(reason), 200);
    let refused = reason
        .split(|character: char| !character.is_ascii_digit())
        .any(|word| matches!(word.parse(), Ok(400..=499u16)) && !matches!(word, "408" | "429"));
    if refused {
        return Failure::refused(format!("the proxy refused `{operation}`: {reason}"))
            .hint("look at HTTPS_PROXY (user and password go into its url) and NO_PROXY")
            .into();
    }
    Trouble::NotSent(format!("the proxy failed: {reason}"))
}

fn timeout(which: Timeout, stall: Duration, answer: Duration) -> String {
    match which {
        Timeout::Resolve => format!("the name of the host was not resolved within {stall:?}"),
        Timeout::Connect => format!("no connection was made within {stall:?}"),
        Timeout::PerWrite => format!("the server took no byte for {stall:?}"),
        Timeout::Global => "the deadline has passed".to_owned(),
        _ if answer > stall => {
            format!("no byte arrived for {stall:?} (for the answer to an upload, {answer:?})")
        }
        _ => format!("no byte arrived for {stall:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, hint, kind};
    use anyhow::Context as _;

    #[test]
    fn lost_is_found_through_contexts_and_is_temporary() {
        let error = Err::<(), anyhow::Error>(Lost::error("POST https://a.org/", "cut".to_owned()))
            .context("failed to create")
            .unwrap_err();
        assert_eq!(lost(&error).unwrap().operation, "POST https://a.org/");
        assert_eq!(kind(&error), Kind::Temporary);
        assert!(hint(&error).is_some());
        assert!(lost(&anyhow::anyhow!("plain")).is_none());
    }

    #[test]
    fn what_fails_before_anything_was_sent_is_not_lost() {
        wire::begin(wire::Limits::default());
        let classified =
            |error| classify(error, "POST https://a.org/", Duration::ZERO, Duration::ZERO);
        assert!(matches!(classified(Error::HostNotFound), Trouble::NotSent(_)));
        assert!(matches!(classified(Error::Timeout(Timeout::Connect)), Trouble::NotSent(_)));
        assert!(matches!(classified(Error::Tls("no name")), Trouble::Fatal(_)));
    }

    #[test]
    fn a_proxy_that_refuses_is_not_asked_again() {
        let classified = |reason: &str| proxy("GET https://a.org/", reason);
        assert!(matches!(classified("proxy server responded 407/407"), Trouble::Fatal(_)));
        assert!(matches!(classified("proxy server responded 502/502"), Trouble::NotSent(_)));
        assert!(matches!(classified("proxy server did not respond"), Trouble::NotSent(_)));
    }
}
