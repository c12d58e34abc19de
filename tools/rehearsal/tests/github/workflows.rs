//! Dispatches and runs (CHANNELS 1.7 and 1.8, point 11).

use rehearsal::Role;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::wire::raw;

#[test]
fn step_1_7_a_repository_dispatch_is_204_and_its_payload_is_bounded() {
    let scene = Scene::new();
    let post = |fields: Value| scene.call("POST", "/dispatches", &fields);
    let sent = post(json!({"event_type": "release", "client_payload": {"tag": "v1.0.0"}}));
    assert_eq!((sent.status, sent.body.len()), (204, 0));
    post(json!({})).refuses(422, "\\\"event_type\\\" wasn't supplied");
    post(json!({"event_type": "x".repeat(101)})).refuses(422, "too long");
    let many: serde_json::Map<_, _> = (0..11).map(|n| (format!("key{n}"), json!(n))).collect();
    let reply = post(json!({"event_type": "release", "client_payload": many}));
    reply.refuses(422, "No more than 10 properties are allowed; 11 were supplied.");
    let big = json!({"event_type": "x", "client_payload": {"text": "x".repeat(65536)}});
    post(big).refuses(422, "too large");
}

#[test]
fn step_1_8_11_a_dispatched_run_shows_late_and_ends() {
    let scene = Scene::new();
    let fields = json!({"ref": "main", "inputs": {"marker": "one-two-three"}});
    let sent = scene.call("POST", "/actions/workflows/ci.yml/dispatches", &fields);
    assert_eq!((sent.status, sent.body.len()), (204, 0));
    let runs = || scene.get("/actions/workflows/ci.yml/runs?event=workflow_dispatch").json();
    assert_eq!(runs()["total_count"], 0);
    let found = runs();
    assert_eq!(found["workflow_runs"][0]["display_title"], "one-two-three");
    let path = format!("/actions/runs/{}", found["workflow_runs"][0]["id"]);
    let status = || scene.get(&path).json()["status"].clone();
    assert_eq!([status(), status(), status()], ["queued", "in_progress", "completed"]);
    assert_eq!(scene.get(&path).json()["conclusion"], "success");
}

#[test]
fn step_1_8_11_run_details_are_given_where_asked_for_or_with_the_newer_version() {
    let scene = Scene::new();
    let target = "/repos/acme/greet/actions/workflows/ci.yml/dispatches";
    let asked = json!({"ref": "v1.0.0", "return_run_details": true}).to_string();
    let reply = scene.send(Role::GithubApi, "POST", target, asked.as_bytes());
    assert_eq!(reply.status, 200);
    assert!(reply.json()["workflow_run_id"].is_u64());
    let body = json!({"ref": "main"}).to_string();
    let (token, length) = (format!("Bearer {}", scene.token("github-write")), body.len());
    let length = length.to_string();
    let headers = [
        ("User-Agent", "scene"),
        ("Authorization", token.as_str()),
        ("X-GitHub-Api-Version", "2026-03-10"),
        ("Content-Length", length.as_str()),
    ];
    let api = scene.stand_ins.origin(Role::GithubApi);
    assert_eq!(raw(api, "POST", target, &headers, body.as_bytes()).unwrap().status, 200);
}

#[test]
fn step_1_7_a_workflow_must_listen_and_the_ref_must_exist() {
    let scene = Scene::new();
    let post = |file: &str, fields: Value| {
        scene.call("POST", &format!("/actions/workflows/{file}/dispatches"), &fields)
    };
    post("none.yml", json!({"ref": "main"})).refuses(404, "Not Found");
    post("ci.yml", json!({"ref": "nowhere"})).refuses(422, "No ref found for: nowhere");
    post("ci.yml", json!({"ref": "main", "inputs": {"n": 1}})).refuses(422, "inputs");
    let sha = scene.git(&["rev-parse", "main"]);
    post("ci.yml", json!({"ref": sha})).refuses(422, "No ref found for");
    scene.git(&["symbolic-ref", "HEAD", "refs/heads/other"]);
    let silent = post("ci.yml", json!({"ref": "main"}));
    silent.refuses(422, "Workflow does not have 'workflow_dispatch' trigger");
}
