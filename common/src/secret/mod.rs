//! Values that must never be seen: how they are held, where they are read from, how they are kept out of output.
//! Knows no channel and no wire.

mod find;
mod forms;
mod redactor;
mod reference;

use std::fmt;
use std::sync::Arc;

pub use find::find;
pub use redactor::{Redactor, redact};
pub use reference::{Reference, Text};

/// What stands where a secret stood.
pub const STARS: &str = "***";

/// Values shorter than this many bytes are not looked for in output: starring out every `abc` would
/// make output unreadable and, by its gaps, tell the value. No real token is that short.
pub const SHORTEST: usize = 6;

/// A secret that was read; prints as `***` and cannot be serialised.
///
/// Making one registers it with the process-wide redactor, also in the forms it takes on its way:
/// base64 at every alignment, percent-encoded, JSON-escaped, and each line of a value of several lines.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value as it is and registers it with the redactor (see [`SHORTEST`]).
    pub fn new(value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        redactor::register(value);
        Self(Arc::from(value))
    }

    /// Returns the value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars() {
        let secret = Secret::new("mod-canary-1");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
        assert_eq!(secret.expose(), "mod-canary-1");
    }
}
