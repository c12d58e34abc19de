//! As much of GraphQL as `gh` needs for releases: three queries, known by the fields they ask for.
//! No GraphQL engine: any other query is refused in the shape a real server refuses with.

use serde_json::{Map, Value, json};

use super::state::Release;
use super::{Call, Outcome, errors, latest, render};
use crate::message::Answer;

/// `POST /graphql`; without a token it is 401, as nothing is readable then.
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    if call.access.is_anonymous() {
        return Err(errors::requires_authentication());
    }
    let Ok(body) = serde_json::from_slice::<Value>(&call.request.body.bytes) else {
        return Err(errors::plain(400, "Problems parsing JSON"));
    };
    let query = body["query"].as_str().unwrap_or_default();
    let variables = body["variables"].as_object().cloned().unwrap_or_default();
    let text = |name: &str| variables.get(name).and_then(Value::as_str).unwrap_or_default();
    let (owner, name) = (text("owner"), text("name"));
    let Some(git) = call.world.github_git.open(owner, name) else {
        let message = format!("Could not resolve to a Repository with the name '{owner}/{name}'.");
        let error = json!({"type": "NOT_FOUND", "path": ["repository"], "message": message});
        let body = json!({"data": {"repository": null}, "errors": [error]});
        return Ok(Answer::json(200, &body));
    };
    let writer = call.access.can_write();
    let repository = call.world.github.repository(&format!("{owner}/{name}"));
    let visible: Vec<&Release> =
        repository.releases.iter().filter(|release| writer || !release.draft).collect();
    let found = if query.contains("release(tagName:") {
        let tag = text("tagName");
        let mut fitting = visible.iter().filter(|release| release.tag_name == tag);
        let release = fitting.clone().find(|release| !release.draft).or(fitting.next());
        let shown = release.map(|one| json!({"databaseId": one.id, "isDraft": one.draft}));
        json!({"release": shown})
    } else if query.contains("ref(qualifiedName:") {
        let found = git.reference(text("tagName"))?;
        json!({"ref": found.map(|found| json!({"id": render::node("REF", found.name.len() as u64)}))})
    } else if query.contains("releases(first:") {
        let latest = latest::of(repository).map(|release| release.id);
        json!({"releases": releases(visible, latest, &variables)})
    } else {
        let error = json!({"message": "the stand-in does not know this query"});
        return Ok(Answer::json(200, &json!({"errors": [error]})));
    };
    Ok(Answer::json(200, &json!({"data": {"repository": found}})))
}

fn releases(
    mut visible: Vec<&Release>,
    latest: Option<u64>,
    variables: &Map<String, Value>,
) -> Value {
    visible.sort_by(|one, two| (&two.created_at, two.id).cmp(&(&one.created_at, one.id)));
    let number = |value: Option<&Value>| {
        value.and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
    };
    let size = number(variables.get("perPage")).unwrap_or(30).min(100);
    let cursor = variables.get("endCursor").and_then(Value::as_str);
    let skip = cursor.and_then(|cursor| cursor.parse::<usize>().ok()).unwrap_or(0);
    let node = |release: &&Release| {
        json!({
            "name": release.name, "tagName": release.tag_name, "isDraft": release.draft,
            "isPrerelease": release.prerelease, "isLatest": Some(release.id) == latest,
            "createdAt": release.created_at, "publishedAt": release.published_at,
        })
    };
    let nodes: Vec<Value> = visible.iter().skip(skip).take(size).map(node).collect();
    let end = skip + nodes.len();
    json!({
        "nodes": nodes,
        "pageInfo": {"hasNextPage": end < visible.len(), "endCursor": end.to_string()},
    })
}
