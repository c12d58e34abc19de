//! Reading the JSON body of a request, strictly: a wrong type is refused, as the API's own schema check does.
//! Knows nothing of what the fields mean.

use serde_json::{Map, Value};

use super::errors;
use crate::message::{Answer, Request};

/// The object that a request carries.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses the body; nothing at all counts as an empty object.
    pub(crate) fn of(request: &Request) -> Result<Self, Answer> {
        if request.body.bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(&request.body.bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(errors::plain(400, "Body should be a JSON object")),
            Err(_) => Err(errors::plain(400, "Problems parsing JSON")),
        }
    }

    /// Returns a field as it came; null counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Names the fields that the API would take without a word and forget.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<String> {
        let names = self.0.keys().filter(|name| !known.contains(&name.as_str()));
        names.map(|name| format!("unknown field `{name}`")).collect()
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Answer> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, other, "a string")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Answer> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong(name, other, "a boolean")),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Answer> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(other) => Err(wrong(name, other, "an object")),
        }
    }

    /// Returns a text that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Answer> {
        self.text(name)?.ok_or_else(|| {
            errors::plain(422, &format!("Invalid request.\n\n\"{name}\" wasn't supplied."))
        })
    }

    /// Returns a text that must be one of a few.
    pub(crate) fn choice(&self, name: &str, allowed: &[&str]) -> Result<Option<&str>, Answer> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if allowed.contains(&text) {
            return Ok(Some(text));
        }
        let list = allowed.join(", ");
        let reason =
            format!("\"{text}\" is not a possible value. Must be one of the following: {list}.");
        Err(errors::plain(422, &format!("Invalid request.\n\nFor 'properties/{name}', {reason}")))
    }
}

fn wrong(name: &str, found: &Value, wanted: &str) -> Answer {
    let reason = format!("For 'properties/{name}', {found} is not {wanted}.");
    errors::plain(422, &format!("Invalid request.\n\n{reason}"))
}
