//! A part of the configuration that only its tool understands, kept as text with its place.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::FILE;
use crate::error::Failure;
use crate::json;

/// A part of the file that only its tool understands, with its place for messages.
#[derive(Clone, Debug)]
pub struct Section {
    text: String,
    file: String,
    line: usize,
}

impl Section {
    /// Returns the part of a channel that the file does not mention.
    pub fn empty() -> Self {
        Self { text: "{}".into(), file: FILE.into(), line: 1 }
    }

    pub(super) fn of(raw: Option<&RawValue>, whole: &str, file: &str) -> Self {
        let Some(raw) = raw else { return Self { file: file.into(), ..Self::empty() } };
        // A borrowed `RawValue` points into the text it was read from.
        let offset = (raw.get().as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
        let line = 1 + whole.bytes().take(offset).filter(|&byte| byte == b'\n').count();
        Self { text: raw.get().into(), file: file.into(), line }
    }

    /// Parses the part as the tool's type; `${}` stays as it is written.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        json::parse(&self.text, &self.file, self.line)
    }

    /// Parses the part with `over` laid on it (flags, then the rehearsal's overlay). What the
    /// file says alone is parsed first, so that its mistakes are told with their line.
    pub fn parse_under<T: DeserializeOwned>(
        &self,
        over: impl IntoIterator<Item = serde_json::Value>,
    ) -> Result<T, Failure> {
        self.parse::<T>()?;
        let mut value = self.value();
        for over in over {
            json::overlay(&mut value, over);
        }
        serde_json::from_value(value).map_err(|error| json::explain(&error, &self.file, 1))
    }

    /// Returns the part as a value, `${}` as written.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Returns the names in `${NAME}` anywhere in the part, so that a child gets those variables.
    pub fn variables(&self) -> Vec<String> {
        variables(&self.text)
    }
}

/// Returns the names in `${NAME}` anywhere in a text; `$${` stands for itself.
pub fn variables(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let escaped = rest[..at].ends_with('$');
        rest = &rest[at + 2..];
        if let Some((name, _)) = rest.split_once('}').filter(|_| !escaped) {
            names.push(name.to_owned());
        }
    }
    names
}
