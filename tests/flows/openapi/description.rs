//! GitHub's own OpenAPI description, cut down to the calls that `gh-release` makes, so that the proxy starts in a moment.
//! Where the description cannot be held against real answers, the one place is named here with the reason.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The calls of `gh-release`. One more call of the tool belongs in this list, or the proxy refuses it.
const PATHS: [&str; 9] = [
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/git/tags/{tag_sha}",
    "/repos/{owner}/{repo}/immutable-releases",
    "/repos/{owner}/{repo}/releases",
    "/repos/{owner}/{repo}/releases/assets/{asset_id}",
    "/repos/{owner}/{repo}/releases/latest",
    "/repos/{owner}/{repo}/releases/tags/{tag}",
    "/repos/{owner}/{repo}/releases/{release_id}",
    "/repos/{owner}/{repo}/releases/{release_id}/assets",
];

/// Cuts the description down and applies the exceptions.
pub(super) fn reduced(whole: &Value) -> Value {
    let mut paths = Map::new();
    for path in PATHS {
        paths.insert(path.into(), found(whole, path).clone());
    }
    any_reference(whole, &mut paths);
    numbered_pages(whole, &mut paths);
    any_media_type(&mut paths);
    refused_tokens(&mut paths);
    let mut reduced = json!({
        "openapi": whole["openapi"], "info": whole["info"], "paths": paths, "components": {},
    });
    for (kind, name) in referenced(whole, &reduced) {
        reduced["components"][&kind][&name] = whole["components"][&kind][&name].clone();
    }
    half_stored(&mut reduced["components"]["schemas"]["release-asset"]["properties"]["state"]);
    reduced
}

#[track_caller]
fn found<'a>(whole: &'a Value, path: &str) -> &'a Value {
    whole["paths"].get(path).unwrap_or_else(|| panic!("the description has no `{path}`"))
}

/// A reference such as `tags/v1.0.0` holds slashes, as the words of the description say; a parameter
/// of a path cannot.
fn any_reference(whole: &Value, paths: &mut Map<String, Value>) {
    let item = found(whole, "/repos/{owner}/{repo}/git/ref/{ref}").clone();
    paths.insert("/repos/{owner}/{repo}/git/ref/tags/{ref}".into(), item);
}

/// GitHub's `Link` headers name a repository by its number; that form of an address is in no description.
fn numbered_pages(whole: &Value, paths: &mut Map<String, Value>) {
    for list in ["releases", "releases/{release_id}/assets"] {
        let item = found(whole, &format!("/repos/{{owner}}/{{repo}}/{list}"));
        let mut get = item["get"].clone();
        let by_name = ["#/components/parameters/owner", "#/components/parameters/repo"];
        let parameters = get["parameters"].as_array_mut().expect("a list has parameters");
        parameters.retain(|one| !by_name.iter().any(|name| one["$ref"] == *name));
        parameters.push(json!({
            "name": "repository_id", "in": "path", "required": true, "schema": {"type": "integer"},
        }));
        paths.insert(format!("/repositories/{{repository_id}}/{list}"), json!({"get": get}));
    }
}

/// An asset is sent as what it is, such as `application/zip`: the words of the description say so,
/// its list of media types knows only `application/octet-stream`.
fn any_media_type(paths: &mut Map<String, Value>) {
    let item = &mut paths["/repos/{owner}/{repo}/releases/{release_id}/assets"];
    let content = &mut item["post"]["requestBody"]["content"];
    let octets = content["application/octet-stream"].take();
    assert!(octets.is_object(), "no exception is needed");
    *content = json!({"*/*": octets});
}

/// A token may be refused by every call: GitHub says so once for all (bad credentials, missing permission),
/// its description for some calls only. The body must be the one that it describes for those.
fn refused_tokens(paths: &mut Map<String, Value>) {
    let body = json!({"schema": {"$ref": "#/components/schemas/basic-error"}});
    let refusal = json!({"description": "Refused", "content": {"application/json": body}});
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flatten();
    for responses in operations.filter_map(|(_, operation)| operation.get_mut("responses")) {
        for status in ["401", "403"] {
            if responses[status].is_null() {
                responses[status] = refusal.clone();
            }
        }
    }
}

/// A broken upload leaves an asset in state `starter`: the words of the description say so, its
/// list of states does not.
fn half_stored(state: &mut Value) {
    let states = state["enum"].as_array_mut().expect("the states are listed");
    assert!(!states.iter().any(|known| known == "starter"), "no exception is needed");
    states.push("starter".into());
}

/// Finds all components that something refers to, through any number of steps.
fn referenced(whole: &Value, from: &Value) -> BTreeSet<(String, String)> {
    let mut seen = BTreeSet::new();
    let mut left = vec![from];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { continue };
        let parts = reference.strip_prefix("#/components/").and_then(|rest| rest.split_once('/'));
        let (kind, name) = parts.unwrap_or_else(|| panic!("a reference leads to `{reference}`"));
        if seen.insert((kind.to_owned(), name.to_owned())) {
            left.push(&whole["components"][kind][name]);
        }
    }
    seen
}
