//! Dispatches and the workflow runs they begin (CHANNELS 1.7); a run shows late and moves on each time it is read.
//! Runs nothing.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::state::Run;
use super::{Inside, Outcome, errors, pages, render, repository as repositories};
use crate::message::Answer;

/// `POST .../dispatches`: 204, whether or not any workflow listens.
pub(super) fn repository(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("contents=write")?;
    let fields = Fields::of(inside.request())?;
    let kind = fields.required("event_type")?;
    if kind.chars().count() > 100 {
        let message = "event_type is too long (maximum is 100 characters)";
        return Err(errors::plain(422, message));
    }
    let payload = fields.object("client_payload")?.cloned().unwrap_or_default();
    if payload.len() > 10 {
        let message = format!(
            "Invalid request.\n\nNo more than 10 properties are allowed; {} were supplied.",
            payload.len()
        );
        return Err(errors::plain(422, &message));
    }
    if Value::Object(payload.clone()).to_string().len() >= 64 * 1024 {
        return Err(errors::plain(422, "client_payload is too large."));
    }
    let event = json!({"event_type": kind, "client_payload": payload});
    inside.remembered().dispatches.push(event);
    Ok(Answer::empty(204))
}

/// `POST .../actions/workflows/FILE/dispatches`: 204, or 200 with the run where that is asked for.
pub(super) fn workflow(inside: &mut Inside<'_>, file: &str) -> Outcome {
    inside.must_write("actions=write")?;
    let fields = Fields::of(inside.request())?;
    let name = fields.required("ref")?;
    let inputs: Map<String, Value> = fields.object("inputs")?.cloned().unwrap_or_default();
    let text = source(inside, "HEAD", file)?.ok_or_else(errors::not_found)?;
    if !text.contains("workflow_dispatch") {
        let message = "Workflow does not have 'workflow_dispatch' trigger";
        return Err(errors::plain(422, message));
    }
    if inputs.len() > 25 || inputs.values().any(|value| !value.is_string()) {
        return Err(errors::plain(422, "Invalid request.\n\nInvalid inputs."));
    }
    let mut found = None;
    for kind in ["heads", "tags"] {
        if found.is_none() {
            found = inside.git.reference(&format!("refs/{kind}/{name}"))?;
        }
    }
    let Some(reference) = found else {
        return Err(errors::plain(422, &format!("No ref found for: {name}")));
    };
    if source(inside, &reference.commit, file)?.is_none() {
        return Err(errors::not_found());
    }
    let marker = inputs.values().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let run = Run {
        id: inside.call.world.github.new_id(),
        workflow: file.to_owned(),
        title: if marker.is_empty() { file.to_owned() } else { marker },
        event: "workflow_dispatch".to_owned(),
        branch: name.to_owned(),
        sha: reference.commit,
        inputs,
        at: inside.now(),
        hidden: inside.settings().run_list_lag,
        seen: 0,
    };
    let id = run.id;
    inside.remembered().runs.push(run);
    let details = fields.flag("return_run_details")?.unwrap_or(false);
    if !details && inside.call.version == super::OLDER_VERSION {
        return Ok(Answer::empty(204));
    }
    let (api, web) = (inside.api(), inside.web());
    Ok(Answer::json(
        200,
        &json!({
            "workflow_run_id": id, "run_url": format!("{api}/actions/runs/{id}"),
            "html_url": format!("{web}/actions/runs/{id}"),
        }),
    ))
}

/// Returns the text of a workflow file at a revision.
fn source(inside: &Inside<'_>, revision: &str, file: &str) -> Result<Option<String>, Answer> {
    let Some(commit) = inside.git.resolve(revision)? else { return Ok(None) };
    let path = format!(".github/workflows/{file}");
    let entries = inside.git.entries(&commit, &path)?;
    let Some(entry) = entries.iter().find(|entry| entry.path == path) else { return Ok(None) };
    Ok(Some(String::from_utf8_lossy(&inside.git.blob(&entry.sha)?).into_owned()))
}

fn document(inside: &Inside<'_>, run: &Run, whole: &Value) -> Value {
    let (api, web, id) = (inside.api(), inside.web(), run.id);
    let url = format!("{api}/actions/runs/{id}");
    let status = match run.seen {
        0 => "queued",
        1 => "in_progress",
        _ => "completed",
    };
    let conclusion = (status == "completed").then_some(&inside.settings().run_conclusion);
    let actor = render::account(inside.request(), inside.call.access.login());
    json!({
        "id": id, "node_id": render::node("WFR", id), "name": run.workflow,
        "display_title": run.title, "head_branch": run.branch, "head_sha": run.sha,
        "path": format!(".github/workflows/{}", run.workflow), "run_number": 1, "run_attempt": 1,
        "event": run.event, "status": status, "conclusion": conclusion, "workflow_id": 1,
        "url": url, "html_url": format!("{web}/actions/runs/{id}"), "pull_requests": [],
        "created_at": run.at, "updated_at": run.at, "run_started_at": run.at,
        "actor": actor, "triggering_actor": actor,
        "jobs_url": format!("{url}/jobs"), "logs_url": format!("{url}/logs"),
        "check_suite_url": format!("{api}/check-suites/{id}"),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "workflow_url": format!("{api}/actions/workflows/1"),
        "head_commit": null, "repository": whole, "head_repository": whole,
    })
}

/// `GET .../actions/runs` and `GET .../actions/workflows/FILE/runs`, newest first.
pub(super) fn runs(inside: &mut Inside<'_>, file: Option<&str>) -> Outcome {
    let whole = repositories::document(inside)?;
    let wanted = |name: &str| inside.request().parameter(name).map(str::to_owned);
    let (event, branch, sha) = (wanted("event"), wanted("branch"), wanted("head_sha"));
    let created = wanted("created");
    let since = created.as_deref().and_then(|text| text.strip_prefix(">=")).map(str::to_owned);
    let mut shown = Vec::new();
    for run in &mut inside.remembered().runs {
        if run.hidden > 0 {
            run.hidden -= 1;
            continue;
        }
        let fits = file.is_none_or(|file| file == run.workflow)
            && event.as_ref().is_none_or(|event| *event == run.event)
            && branch.as_ref().is_none_or(|branch| *branch == run.branch)
            && sha.as_ref().is_none_or(|sha| *sha == run.sha)
            && since.as_ref().is_none_or(|since| *since <= run.at);
        if fits {
            shown.push(run.clone());
        }
    }
    shown.reverse();
    let (id, largest) = (inside.id(), inside.settings().list_page_size);
    let (page, size) = pages::wanted(inside.request(), largest);
    let some = shown.iter().skip((page - 1) * size).take(size);
    let documents: Vec<Value> = some.map(|run| document(inside, run, &whole)).collect();
    let body = json!({"total_count": shown.len(), "workflow_runs": documents});
    let path = match file {
        Some(file) => format!("actions/workflows/{file}/runs"),
        None => "actions/runs".to_owned(),
    };
    let answer = Answer::json(200, &body);
    let mut answer = pages::with_links(answer, inside.request(), id, &path, largest, shown.len());
    answer.changed = true;
    Ok(answer)
}

/// `GET .../actions/runs/ID`.
pub(super) fn run(inside: &mut Inside<'_>, id: u64) -> Outcome {
    let whole = repositories::document(inside)?;
    let found = inside.remembered().runs.iter_mut().find(|run| run.id == id);
    let run = found.ok_or_else(errors::not_found)?;
    let shown = run.clone();
    run.seen += 1;
    let mut answer = Answer::json(200, &document(inside, &shown, &whole));
    answer.changed = true;
    Ok(answer)
}
