//! Values of the configuration in which `${NAME}` stands for a variable of the environment.
//! Knows nothing of the configuration around them; a key's name is only quoted in errors.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use anyhow::Result;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize};

use super::{STARS, Secret};
use crate::error::Failure;

const EXPANDS: &str =
    "`${NAME}` is replaced from the environment when the value is needed, `$${` stands for `${`";

/// A secret as the configuration names it, unexpanded: `"${GITHUB_TOKEN}"`.
///
/// Prints as `***`, cannot be serialised, and its deserialisation errors never quote the value: somebody may have
/// written the secret itself.
#[derive(Clone)]
pub struct Reference(String);

impl Reference {
    /// Reads the secret, expanding `${NAME}`; `key` is the configuration's key, for errors.
    ///
    /// Line ends around the value are dropped, as `$(cat file)` would. A variable that is missing or empty is a
    /// usage failure naming key and variable.
    pub fn read(&self, key: &str) -> Result<Secret> {
        self.read_from(key, &environment)
    }

    pub(super) fn read_from(&self, key: &str, look: &Lookup) -> Result<Secret> {
        expand(&self.0, key, look).map(|value| Secret::new(value.trim_matches(['\r', '\n'])))
    }
}

impl From<String> for Reference {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STARS)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Through an untyped value, because every ready-made "invalid type" error quotes what it saw.
        match serde_json::Value::deserialize(deserializer) {
            Ok(serde_json::Value::String(text)) => Ok(Self(text)),
            _ => Err(D::Error::custom("expected a string such as \"${NAME}\"")),
        }
    }
}

impl JsonSchema for Reference {
    fn schema_name() -> Cow<'static, str> {
        "Reference".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": format!("A secret; {EXPANDS}.") })
    }
}

/// A value that is no secret, such as an endpoint, in which `${NAME}` is expanded too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Returns the value with every `${NAME}` replaced; `key` is the configuration's key, for errors.
    pub fn resolve(&self, key: &str) -> Result<String> {
        expand(&self.0, key, &environment)
    }

    /// Returns the value as it was written.
    pub fn as_written(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Plain)
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": format!("{}.", EXPANDS) })
    }
}

/// Where variables come from; a parameter so that tests need not change the process's own environment.
pub(super) type Lookup = dyn Fn(&str) -> Option<String>;

/// Reads a variable; one that is empty or not Unicode counts as absent.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn expand(text: &str, key: &str, look: &Lookup) -> Result<String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            value.push_str(before);
            value.push_str("${");
            rest = &from[2..];
            continue;
        }
        value.push_str(before);
        let name = from[2..].split_once('}').map(|(name, _)| name).filter(|name| is_name(name));
        let Some(name) = name else {
            return Err(Failure::usage(format!(
                "cannot expand `{key}`: a `${{` is followed by no variable name and `}}`"
            ))
            .hint("write ${NAME}, or $${ for a literal ${")
            .into());
        };
        let Some(found) = look(name).filter(|found| !found.is_empty()) else {
            return Err(Failure::usage(format!(
                "cannot expand `{key}`: the variable `{name}` is not set"
            ))
            .hint(format!("export {name}=..."))
            .into());
        };
        value.push_str(&found);
        rest = &from[name.len() + 3..];
    }
    value.push_str(rest);
    Ok(value)
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, hint, kind};

    fn look(name: &str) -> Option<String> {
        match name {
            "TOKEN" => Some("tok-${TOKEN}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(expand(text, "key", &look).unwrap(), expected);
    }

    #[test]
    fn variables_are_replaced_once_and_other_text_is_literal() {
        check("plain $TOKEN $ {x}", "plain $TOKEN $ {x}");
        check("a${TOKEN}b", "atok-${TOKEN}b");
        check("$${TOKEN}", "${TOKEN}");
        check("$${TOKEN} ${TOKEN}", "${TOKEN} tok-${TOKEN}");
        check("$$ $", "$$ $");
    }

    #[test]
    fn a_missing_or_empty_variable_is_a_usage_failure_naming_key_and_variable() {
        for name in ["MISSING", "EMPTY"] {
            let error = expand(&format!("${{{name}}}"), "publishers.github.config.token", &look)
                .unwrap_err();
            assert_eq!(kind(&error), Kind::Usage);
            let text = error.to_string();
            assert!(
                text.contains("publishers.github.config.token") && text.contains(name),
                "{text}"
            );
            assert_eq!(hint(&error), Some(format!("export {name}=...").as_str()));
        }
    }

    #[test]
    fn a_broken_reference_is_refused_without_quoting_it() {
        for text in ["${", "${}", "${sensitive", "${sensi tive}", "${1X}"] {
            let error = expand(text, "token", &look).unwrap_err();
            assert_eq!(kind(&error), Kind::Usage, "{text}");
            assert!(!format!("{error:#}").contains("sensi"), "{error:#}");
        }
    }

    #[test]
    fn a_reference_that_is_no_string_is_refused_without_quoting_it() {
        for text in ["123456789", "[\"sensitive\"]", "{\"sensitive\": 1}", "true", "1.5"] {
            let error = serde_json::from_str::<Reference>(text).unwrap_err().to_string();
            assert!(
                error.contains("${NAME}")
                    && !error.contains("sensitive")
                    && !error.contains("12345"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_reference_prints_as_stars_and_reads_without_line_ends() {
        let reference: Reference = serde_json::from_str("\"reference-canary-1\\n\"").unwrap();
        assert_eq!(format!("{reference:?}"), STARS);
        assert_eq!(reference.read("token").unwrap().expose(), "reference-canary-1");
    }

    #[test]
    fn text_keeps_what_was_written() {
        let text: Text = serde_json::from_str("\"https://example.org/$${x}\"").unwrap();
        assert_eq!(text.resolve("base_url").unwrap(), "https://example.org/${x}");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"https://example.org/$${x}\"");
        assert_eq!("a".parse::<Text>().unwrap().as_written(), "a");
    }
}
