//! What kind of failure something was, the hint that goes with it, and the table of exit codes.
//! Knows nothing of any channel; everything inside a tool travels as `anyhow::Error`.

use std::fmt;

/// The five ways a program ends, and the only five exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person must change something; running it again will not help.
    Refused,
    /// The command line or the configuration cannot be understood.
    Usage,
    /// `verify` or `status` found something missing or different.
    No,
    /// Network, 429, 5xx, a lock: the same command may succeed later.
    Temporary,
}

impl Kind {
    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::No => 3,
            Kind::Temporary => 75,
        }
    }

    /// Returns the word used for this kind in JSON documents.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::Usage => "usage",
            Kind::No => "no",
            Kind::Temporary => "temporary",
        }
    }
}

/// The exit codes as every `--help` shows them.
pub const EXIT_CODES: &str = "\
Exit codes:
   0  the wanted state holds, made now or found already there
   1  refused: a person must change something; running it again will not help
   2  wrong usage
   3  the answer is no: something is missing or different
  75  temporary: network, rate limit, server error, a lock; the same command may succeed later";

/// Returns the worst of several exit codes, in the order 2, 1, 3, 75, 0; unknown codes count as 1.
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: u8| match code {
        0 => 0,
        75 => 1,
        3 => 2,
        2 => 4,
        _ => 3,
    };
    let known = |code: u8| if matches!(code, 0 | 2 | 3 | 75) { code } else { 1 };
    codes.into_iter().map(known).max_by_key(|&code| rank(code)).unwrap_or(0)
}

/// An error whose kind is known, with what a person may do about it.
///
/// It prints as its message; `hint` and `kind` are found again through any later context
/// by [`kind`] and [`hint`].
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
    cause: Option<anyhow::Error>,
}

impl Failure {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, cause: None }
    }

    /// Makes a failure that a person must resolve.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// Makes a failure of the command line or the configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Makes the answer "no" of `verify` and `status`.
    pub fn no(message: impl Into<String>) -> Self {
        Self::new(Kind::No, message)
    }

    /// Makes a failure that may pass by itself.
    pub fn temporary(message: impl Into<String>) -> Self {
        Self::new(Kind::Temporary, message)
    }

    /// Adds what to type or to change next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(AsRef::as_ref)
    }
}

/// Finds the kind of an error; what nobody classified counts as refused.
pub fn kind(error: &anyhow::Error) -> Kind {
    failure(error).map_or(Kind::Refused, Failure::kind)
}

/// Finds the hint that goes with an error.
pub fn hint(error: &anyhow::Error) -> Option<&str> {
    failure(error).and_then(|failure| failure.hint.as_deref())
}

fn failure(error: &anyhow::Error) -> Option<&Failure> {
    // `downcast_ref` looks through contexts; the chain also finds one under a foreign wrapper.
    error.downcast_ref().or_else(|| error.chain().find_map(|cause| cause.downcast_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn kind_and_hint_are_found_through_contexts() {
        let failure: anyhow::Error = Failure::temporary("busy").hint("wait").into();
        let error =
            Err::<(), _>(failure).context("failed to look").context("failed to stage").unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
        assert_eq!(hint(&error), Some("wait"));
        assert_eq!(kind(&anyhow::anyhow!("plain")), Kind::Refused);
    }

    #[test]
    fn the_worst_code_wins_in_the_agreed_order() {
        assert_eq!(worst([]), 0);
        assert_eq!(worst([0, 75]), 75);
        assert_eq!(worst([75, 3, 0]), 3);
        assert_eq!(worst([3, 1, 75]), 1);
        assert_eq!(worst([1, 2, 3]), 2);
        assert_eq!(worst([139]), 1);
        assert_eq!(worst([139, 2]), 2);
    }
}
