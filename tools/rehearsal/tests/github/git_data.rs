//! References, tags, commits and files (CHANNELS 1.6 and 1.8, points 12 and 14).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::scene::Scene;

#[test]
fn step_1_8_14_an_annotated_tag_is_peeled_and_a_lightweight_one_is_not() {
    let scene = Scene::new();
    let annotated = scene.get("/git/ref/tags/v1.0.0").json();
    assert_eq!(annotated["object"]["type"], "tag");
    let object = annotated["object"]["sha"].as_str().unwrap();
    let tag = scene.get(&format!("/git/tags/{object}")).json();
    assert_eq!((&tag["tag"], &tag["object"]["type"]), (&json!("v1.0.0"), &json!("commit")));
    assert_eq!(tag["object"]["sha"], scene.git(&["rev-parse", "v1.0.0^{commit}"]));
    let light = scene.get("/git/ref/tags/v0.9.0").json();
    assert_eq!(light["object"]["type"], "commit");
    let sha = light["object"]["sha"].as_str().unwrap();
    scene.get(&format!("/git/tags/{sha}")).refuses(404, "Not Found");
    scene.get("/git/ref/tags/v1").refuses(404, "Not Found");
    let matching = scene.get("/git/matching-refs/tags/v").json();
    let names: Vec<_> = matching.as_array().unwrap().iter().map(|one| &one["ref"]).collect();
    assert_eq!(names, ["refs/tags/v0.9.0", "refs/tags/v1.0.0"]);
    assert_eq!(scene.get("/git/matching-refs/tags/w").json(), json!([]));
}

#[test]
fn step_1_6_a_tag_object_becomes_a_tag_by_its_reference() {
    let scene = Scene::new();
    let head = scene.git(&["rev-parse", "main"]);
    let fields = json!({"tag": "v1.1.0", "message": "more", "object": head, "type": "commit",
        "tagger": {"name": "Ada", "email": "ada@example.com", "date": "2026-02-01T00:00:00Z"}});
    let tag = scene.call("POST", "/git/tags", &fields);
    assert_eq!(tag.status, 201);
    assert_eq!(tag.json()["tagger"]["date"], "2026-02-01T00:00:00Z");
    assert_eq!(scene.get("/git/ref/tags/v1.1.0").status, 404);
    let reference = json!({"ref": "refs/tags/v1.1.0", "sha": tag.json()["sha"]});
    let made = scene.call("POST", "/git/refs", &reference);
    assert_eq!((made.status, &made.json()["object"]["type"]), (201, &json!("tag")));
    assert_eq!(scene.git(&["rev-parse", "v1.1.0^{commit}"]), head);
    let again = scene.call("POST", "/git/refs", &reference);
    again.refuses(422, "Reference already exists");
}

#[test]
fn step_1_6_references_are_refused_in_the_words_of_the_api() {
    let scene = Scene::new();
    let head = scene.git(&["rev-parse", "main"]);
    let post =
        |name: &str, sha: &str| scene.call("POST", "/git/refs", &json!({"ref": name, "sha": sha}));
    post("tags/v9", &head).refuses(422, "Reference name is not well-formed");
    post("refs/v9", &head).refuses(422, "Reference name is not well-formed");
    post("refs/tags/v9", &"0".repeat(40)).refuses(422, "Object does not exist");
    let patch = |sha: &str, force: bool| {
        scene.call("PATCH", "/git/refs/tags/v1.0.0", &json!({"sha": sha, "force": force}))
    };
    let old = scene.git(&["rev-parse", "v0.9.0"]);
    patch(&old, false).refuses(422, "Update is not a fast forward");
    assert_eq!(patch(&old, true).status, 200);
    assert_eq!(scene.call("DELETE", "/git/refs/tags/v1.0.0", &Value::Null).status, 204);
    let gone = scene.call("DELETE", "/git/refs/tags/v1.0.0", &Value::Null);
    gone.refuses(422, "Reference does not exist");
    let reader = scene.call_as(
        Some("github-read"),
        "POST",
        "/git/refs",
        &json!({"ref": "refs/tags/v9", "sha": head}),
    );
    reader.refuses(403, "Resource not accessible");
}

#[test]
fn step_1_6_comparing_tells_how_far_two_commits_are_apart() {
    let scene = Scene::new();
    let ahead = scene.get("/compare/v0.9.0...other").json();
    assert_eq!((&ahead["status"], &ahead["ahead_by"]), (&json!("ahead"), &json!(2)));
    let messages: Vec<_> =
        ahead["commits"].as_array().unwrap().iter().map(|one| &one["commit"]["message"]).collect();
    assert_eq!(messages, ["three", "on: push"], "oldest first");
    let files: Vec<_> =
        ahead["files"].as_array().unwrap().iter().map(|one| &one["filename"]).collect();
    assert_eq!(files, [".github/workflows/ci.yml", "README.md"]);
    let page = scene.get("/compare/v0.9.0...other?per_page=1&page=2");
    assert_eq!(page.json()["commits"].as_array().map(Vec::len), Some(1));
    assert_eq!(page.json()["files"], json!([]));
    assert!(page.header("link").unwrap().contains("rel=\"prev\""));
    assert_eq!(scene.get("/compare/main...v0.9.0").json()["status"], "behind");
    assert_eq!(scene.get("/compare/main...main").json()["status"], "identical");
    scene.get("/compare/main...nowhere").refuses(404, "Not Found");
}

#[test]
fn step_1_6_a_commit_is_found_by_branch_tag_and_hash() {
    let scene = Scene::new();
    let head = scene.git(&["rev-parse", "main"]);
    for name in ["main", "v1.0.0", &head] {
        let commit = scene.get(&format!("/commits/{name}")).json();
        assert_eq!(commit["sha"], head);
        assert_eq!(commit["commit"]["author"]["date"], "2026-01-03T00:00:00Z");
    }
    scene.get("/commits/nowhere").refuses(422, "No commit found for SHA: nowhere");
    assert_eq!(scene.get("/commits?per_page=2").json().as_array().map(Vec::len), Some(2));
}

fn put(scene: &Scene, path: &str, fields: Value) -> crate::wire::Reply {
    let mut fields = fields;
    fields["message"] = json!("change");
    scene.call("PUT", &format!("/contents/{path}"), &fields)
}

#[test]
fn step_1_8_12_a_file_is_replaced_with_its_own_hash_only() {
    let scene = Scene::new();
    let text = STANDARD.encode("four");
    put(&scene, "README.md", json!({"content": text})).refuses(422, "\\\"sha\\\" wasn't supplied");
    let stale = json!({"content": text, "sha": "0".repeat(40)});
    put(&scene, "README.md", stale).refuses(409, "README.md does not match");
    let branch = json!({"content": text, "branch": "nowhere"});
    put(&scene, "new.md", branch).refuses(404, "Branch nowhere not found");
    put(&scene, "new.md", json!({"content": "%"})).refuses(422, "not valid Base64");
    put(&scene, "../new.md", json!({"content": text})).refuses(422, "malformed path");

    let sha = scene.get("/contents/README.md").json()["sha"].clone();
    let changed = put(&scene, "README.md", json!({"content": text, "sha": sha}));
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["content"]["sha"], scene.git(&["rev-parse", "main:README.md"]));
    assert_eq!(scene.git(&["show", "main:README.md"]), "four");
    assert_eq!(
        scene.git(&["show", "main:.github/workflows/ci.yml"]),
        "on: [push, workflow_dispatch]"
    );
    assert_eq!(put(&scene, "sub/new.md", json!({"content": text})).status, 201);
    assert_eq!(scene.git(&["show", "main:sub/new.md"]), "four");
}

#[test]
fn step_1_6_contents_are_base64_in_lines_and_folders_are_lists() {
    let scene = Scene::new();
    let long = "x".repeat(100);
    put(&scene, "a/long.txt", json!({"content": STANDARD.encode(&long)}));
    let file = scene.get("/contents/a/long.txt").json();
    let content = file["content"].as_str().unwrap();
    assert!(content.trim_end().contains('\n'));
    assert_eq!(STANDARD.decode(content.replace('\n', "")).unwrap(), long.as_bytes());
    let folder = scene.get("/contents/a").json();
    assert_eq!((&folder[0]["path"], &folder[0]["type"]), (&json!("a/long.txt"), &json!("file")));
    scene.get("/contents/a/none").refuses(404, "Not Found");
    scene.get("/contents/README.md?ref=nowhere").refuses(404, "No commit found for the ref");
    let old = scene.get("/contents/README.md?ref=v0.9.0").json();
    assert_eq!(old["content"], "b25l\n");
    let fields = json!({"message": "away", "sha": file["sha"]});
    assert_eq!(scene.call("DELETE", "/contents/a/long.txt", &fields).status, 200);
    scene.get("/contents/a/long.txt").refuses(404, "Not Found");
}

#[test]
fn step_1_6_one_open_pull_request_for_a_branch_and_only_with_commits() {
    let scene = Scene::new();
    let post = |head: &str| {
        let fields = json!({"title": "More", "head": head, "base": "main"});
        scene.call("POST", "/pulls", &fields)
    };
    post("nowhere").refuses(422, "Validation Failed");
    post("main").refuses(422, "No commits between main and main");
    let made = post("acme:other");
    assert_eq!((made.status, &made.json()["number"]), (201, &json!(1)));
    post("other").refuses(422, "A pull request already exists for acme:other.");
    let found = scene.get("/pulls?head=acme:other&state=open").json();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(scene.get("/pulls?head=acme:main&state=open").json(), json!([]));
}
