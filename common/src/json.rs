//! Reading JSON documents that people write: errors name the file, the line and the nearest
//! known key. Knows nothing of any particular document.

use serde::de::DeserializeOwned;

use crate::error::Failure;

/// Parses `text` as `T`; `name` is the file (and key) for the message, `first_line` where the
/// text begins in that file (1 for a whole file).
///
/// # Errors
/// Usage, with line, reason and, for an unknown key, the nearest known one.
pub fn parse<T: DeserializeOwned>(text: &str, name: &str, first_line: usize) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| explain(&error, name, first_line))
}

/// Turns an error of `serde_json` into one that says where and what to write instead.
pub fn explain(error: &serde_json::Error, name: &str, first_line: usize) -> Failure {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    // An error found in a `Value` has no position of its own: line 0.
    let line = (error.line() > 0).then(|| error.line() + first_line - 1);
    let place = match line {
        Some(line) => format!("{name}:{line}"),
        None => name.to_owned(),
    };
    let failure = Failure::usage(format!("{place}: {reason}"));
    match did_you_mean(reason) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Reads serde's "unknown field `x`, expected one of `a`, `b`" (also for variants).
fn did_you_mean(reason: &str) -> Option<String> {
    let rest = reason.strip_prefix("unknown field ").or(reason.strip_prefix("unknown variant "))?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    Some(match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are: {}", known.join(", ")),
    })
}

/// Returns the known name nearest to a wrong one, if any is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Writes a document as people read it: two spaces, one line feed at the end.
pub fn pretty(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("documents have string keys only");
    bytes.push(b'\n');
    bytes
}

/// Lays `over` on `under`: objects are merged key by key, anything else is replaced.
pub fn overlay(under: &mut serde_json::Value, over: serde_json::Value) {
    use serde_json::Value::Object;
    match (under, over) {
        (Object(under), Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::hint;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the parsing matters")]
    struct Sample {
        enabled: bool,
        priority: i32,
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let text = "{\n  \"enabled\": true,\n  \"prioritty\": 1\n}";
        let error: anyhow::Error = parse::<Sample>(text, "a.json", 10).unwrap_err().into();
        assert_eq!(
            error.to_string(),
            "a.json:12: unknown field `prioritty`, expected `enabled` or `priority`"
        );
        assert_eq!(hint(&error), Some("did you mean `priority`?"));
    }

    #[test]
    fn overlays_merge_objects_and_replace_the_rest() {
        let mut under = serde_json::json!({"a": {"b": 1, "c": [1]}, "d": 2});
        overlay(&mut under, serde_json::json!({"a": {"c": [2]}, "e": null}));
        assert_eq!(under, serde_json::json!({"a": {"b": 1, "c": [2]}, "d": 2, "e": null}));
    }
}
