//! `channels schema`: one JSON Schema for `distribution.json`, put together from the envelope's
//! and those that the programs describe. Knows no program's settings.

use anyhow::Result;
use common::cli::{Flags, Outcome};
use common::config::{self, Configuration, KNOWN, Publisher};
use serde_json::{Map, Value};

use crate::{describe, program};

/// Prints the schema: of the known channels whose programs are found, and of those configured.
pub(crate) fn print(flags: &Flags, outcome: &mut Outcome) -> Result<()> {
    let configuration = Configuration::load(flags.config.as_deref())?;
    let mut publishers: Vec<Publisher> =
        KNOWN.iter().map(|(name, tool)| configuration.publisher(name, tool)).collect();
    let known = |name: &str| KNOWN.iter().any(|(known, _)| *known == name);
    publishers.extend(configuration.publishers.values().filter(|own| !known(&own.name)).cloned());
    let publishers: Vec<&Publisher> = publishers.iter().collect();
    let programs: Vec<_> =
        publishers.iter().map(|publisher| program::find(publisher, &configuration.root)).collect();
    let descriptions = describe::all(&publishers, &programs)?;
    let mut schema = config::schema();
    for (publisher, description) in publishers.iter().zip(descriptions) {
        add(&mut schema, "publishers", "PublisherEntry", &publisher.name, description.config);
        add(&mut schema, "validators", "ValidatorEntry", &publisher.name, description.rules);
    }
    outcome.text = serde_json::to_string_pretty(&schema)?;
    outcome.instead = Some(schema.to_string());
    Ok(())
}

/// Says what `list.name.config` may hold, where its program said so.
fn add(schema: &mut Value, list: &str, entry: &str, name: &str, mut own: Value) {
    if !own.is_object() {
        return;
    }
    let Some(mut whole) = schema.pointer(&format!("/$defs/{entry}")).cloned() else { return };
    let prefix = format!("{list}.{name}.");
    point_into(&mut own, &prefix);
    let mut definitions = Map::new();
    if let Some(object) = own.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(own)) = object.remove("$defs") {
            definitions
                .extend(own.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
        }
    }
    whole["properties"]["config"] = own;
    definitions.insert(format!("{list}.{name}"), whole);
    if let Some(all) = schema["$defs"].as_object_mut() {
        all.extend(definitions);
    }
    schema["properties"][list]["properties"][name] =
        serde_json::json!({"$ref": format!("#/$defs/{list}.{name}")});
}

/// Definitions of all programs come to lie side by side: references follow them.
fn point_into(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(definition) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/$defs/{prefix}{definition}");
                        }
                    }
                    other => point_into(other, prefix),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| point_into(value, prefix)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_programs_schema_takes_the_place_of_any_object() {
        let mut schema = config::schema();
        let own = json!({
            "$schema": "x", "type": "object",
            "properties": {"a": {"$ref": "#/$defs/A"}},
            "$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"type": "string"}},
        });
        add(&mut schema, "publishers", "PublisherEntry", "mine", own);
        add(&mut schema, "validators", "ValidatorEntry", "mine", Value::Null);
        assert_eq!(
            schema["properties"]["publishers"]["properties"],
            json!({"mine": {"$ref": "#/$defs/publishers.mine"}})
        );
        let entry = &schema["$defs"]["publishers.mine"];
        assert_eq!(
            entry["properties"]["config"],
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/publishers.mine.A"}}})
        );
        assert_eq!(entry["properties"]["enabled"]["type"], "boolean");
        assert_eq!(entry["additionalProperties"], false);
        assert_eq!(
            schema["$defs"]["publishers.mine.A"],
            json!({"items": {"$ref": "#/$defs/publishers.mine.B"}})
        );
        assert_eq!(schema["properties"]["validators"].get("properties"), None);
    }
}
