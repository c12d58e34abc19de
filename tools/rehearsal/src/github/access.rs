//! Who asks and what they may do: credentials, private repositories, what a refusal looks like.
//! Knows nothing of the things that are read or changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::errors;
use crate::canary::{Canary, Grant};
use crate::message::{Answer, Request};

/// The holder of a token; absent grant: nobody in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) grant: Option<Grant>,
}

impl Access {
    /// Finds out who sent a request; a token nobody knows is refused even where none is needed.
    pub(crate) fn of(request: &Request, canaries: &[Canary]) -> Result<Self, Answer> {
        let Some(header) = request.header("authorization") else {
            return Ok(Self { grant: None });
        };
        let token = token(header).ok_or_else(errors::bad_credentials)?;
        let known = canaries.iter().find(|canary| canary.value == token);
        known.map(|canary| Self { grant: Some(canary.grant) }).ok_or_else(errors::bad_credentials)
    }

    pub(crate) fn can_write(self) -> bool {
        matches!(self.grant, Some(Grant::Write | Grant::Actions))
    }

    pub(crate) fn is_anonymous(self) -> bool {
        self.grant.is_none()
    }

    /// Returns the login that is noted as author.
    pub(crate) fn login(self) -> &'static str {
        match self.grant {
            Some(Grant::Actions) => "github-actions[bot]",
            Some(Grant::Read) => "reader",
            _ => "rehearsal",
        }
    }

    /// Refuses whoever may not write; `permission` is what the API would accept.
    pub(crate) fn must_write(self, denied_status: u16, permission: &str) -> Result<(), Answer> {
        if self.can_write() {
            Ok(())
        } else if self.is_anonymous() {
            Err(errors::requires_authentication())
        } else {
            Err(errors::denied(denied_status, permission))
        }
    }
}

/// Takes the token out of an `Authorization` header: `Bearer`, `token`, or the password of `Basic`.
pub(crate) fn token(header: &str) -> Option<String> {
    let (scheme, value) = header.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") {
        return Some(value.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}
