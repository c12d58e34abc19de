//! Lengths of time as people write them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// A length of time as people write it: `30s`, `1m30s`, `2h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a duration such as \"30s\" or \"1m30s\"");
        let parsed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
        Ok(Self(Duration::try_from(parsed).map_err(|_| wrong())?))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "examples": ["30s", "1m30s"]})
    }
}
