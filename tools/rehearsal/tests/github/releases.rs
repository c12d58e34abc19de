//! Releases: drafts, tags, publishing, what is latest (CHANNELS 1.3 and 1.8, points 1 to 4).

use rehearsal::{Knobs, Role};
use serde_json::{Value, json};

use crate::scene::Scene;

fn draft(tag: &str) -> Value {
    json!({"tag_name": tag, "draft": true, "name": tag})
}

fn latest(scene: &Scene) -> Value {
    scene.get("/releases/latest").json()["tag_name"].clone()
}

#[test]
fn step_1_8_1_a_draft_is_not_found_by_its_tag_and_listed_to_writers_only() {
    let scene = Scene::new();
    let id = scene.release(&draft("v1.0.0"));
    scene.get("/releases/tags/v1.0.0").refuses(404, "Not Found");
    let count = |token| {
        scene.call_as(token, "GET", "/releases", &Value::Null).json().as_array().map(Vec::len)
    };
    assert_eq!(count(Some("github-write")), Some(1));
    assert_eq!(count(Some("github-actions")), Some(1));
    assert_eq!(count(Some("github-read")), Some(0));
    assert_eq!(count(None), Some(0));
    let by_id =
        |token| scene.call_as(token, "GET", &format!("/releases/{id}"), &Value::Null).status;
    assert_eq!((by_id(Some("github-write")), by_id(Some("github-read"))), (200, 404));
}

#[test]
fn step_1_8_2_two_posts_of_one_draft_make_two_drafts() {
    let scene = Scene::new();
    let (one, two) = (scene.release(&draft("v1.0.0")), scene.release(&draft("v1.0.0")));
    assert_ne!(one, two);
    assert_eq!(scene.get("/releases").json().as_array().map(Vec::len), Some(2));
}

#[test]
fn step_1_8_3_a_fresh_draft_shows_in_the_list_only_after_a_while() {
    let mut knobs = Knobs::default();
    knobs.github.draft_list_lag = 2;
    let scene = Scene::with(knobs);
    let id = scene.release(&draft("v1.0.0"));
    let count = || scene.get("/releases").json().as_array().map(Vec::len);
    assert_eq!([count(), count(), count()], [Some(0), Some(0), Some(1)]);
    assert_eq!(scene.get(&format!("/releases/{id}")).status, 200);
}

#[test]
fn step_1_8_4_patching_a_draft_without_its_tag_loses_the_tag() {
    let scene = Scene::new();
    let id = scene.release(&draft("v1.0.0"));
    let path = format!("/releases/{id}");
    let kept = scene.call("PATCH", &path, &json!({"tag_name": "v1.0.0", "body": "one"})).json();
    assert_eq!(kept["tag_name"], "v1.0.0");
    let lost = scene.call("PATCH", &path, &json!({"body": "two"})).json();
    assert!(lost["tag_name"].as_str().unwrap().starts_with("untagged-"), "{lost}");
    let publish = scene.call("PATCH", &path, &json!({"draft": false}));
    publish.refuses(422, "Published releases must have a valid tag");
}

#[test]
fn step_1_8_5_uploads_have_a_host_of_their_own_and_a_template_for_an_address() {
    let scene = Scene::new();
    let release = scene.call("POST", "/releases", &draft("v1.0.0")).json();
    let (uploads, id) = (scene.stand_ins.origin(Role::GithubUploads), &release["id"]);
    let expected = format!("{uploads}/repos/acme/greet/releases/{id}/assets{{?name,label}}");
    assert_eq!(release["upload_url"], expected);
    let target = format!("/repos/acme/greet/releases/{id}/assets?name=a");
    scene.send(Role::GithubApi, "POST", &target, b"a").refuses(404, "Not Found");
    let target = format!("/repos/acme/greet/releases/{id}");
    scene.send(Role::GithubUploads, "GET", &target, b"").refuses(404, "Not Found");
}

#[test]
fn step_1_3_the_addresses_of_a_draft_change_when_it_is_published() {
    let scene = Scene::new();
    let id = scene.release(&draft("v1.0.0"));
    scene.upload(id, "name=a.txt", b"a");
    let path = format!("/releases/{id}");
    let before = scene.get(&path).json();
    assert!(before["html_url"].as_str().unwrap().contains("/untagged-"));
    let url = |release: &Value| release["assets"][0]["browser_download_url"].to_string();
    assert!(url(&before).contains("/untagged-"));
    assert_eq!(before["published_at"], Value::Null);
    let publish = json!({"draft": false, "tag_name": "v1.0.0"});
    let after = scene.call("PATCH", &path, &publish).json();
    assert!(after["html_url"].as_str().unwrap().ends_with("/acme/greet/releases/tag/v1.0.0"));
    assert!(url(&after).contains("/download/v1.0.0/a.txt"));
    assert!(after["published_at"].is_string());
}

#[test]
fn step_1_3_publishing_makes_a_missing_tag_lightweight_at_the_target() {
    let scene = Scene::new();
    let head = scene.git(&["rev-parse", "refs/tags/v0.9.0"]);
    let fields = json!({"tag_name": "v2.0.0", "target_commitish": head, "draft": true});
    let id = scene.release(&fields);
    assert_eq!(scene.get("/git/ref/tags/v2.0.0").status, 404);
    scene.call("PATCH", &format!("/releases/{id}"), &json!({"draft": false, "tag_name": "v2.0.0"}));
    assert_eq!(scene.git(&["cat-file", "-t", "refs/tags/v2.0.0"]), "commit");
    assert_eq!(scene.git(&["rev-parse", "refs/tags/v2.0.0"]), head);
}

#[test]
fn step_1_3_a_tag_has_one_published_release() {
    let scene = Scene::new();
    scene.release(&json!({"tag_name": "v1.0.0"}));
    let again = scene.call("POST", "/releases", &json!({"tag_name": "v1.0.0"}));
    again.refuses(422, "Validation Failed");
    let error = json!({"resource": "Release", "code": "already_exists", "field": "tag_name"});
    assert_eq!(again.json()["errors"], json!([error]));
    let id = scene.release(&draft("v1.0.0"));
    let patch = json!({"draft": false, "tag_name": "v1.0.0"});
    scene.call("PATCH", &format!("/releases/{id}"), &patch).refuses(422, "already_exists");
}

#[test]
fn step_1_3_a_target_must_exist_and_a_tag_must_be_well_formed() {
    let scene = Scene::new();
    let post = |fields: Value| scene.call("POST", "/releases", &fields);
    let reply = post(json!({"tag_name": "v3.0.0", "target_commitish": "nowhere"}));
    reply.refuses(422, "target_commitish");
    assert_eq!(reply.json()["errors"][0]["code"], "invalid");
    post(json!({"tag_name": "v1..0"})).refuses(422, "not well-formed");
    post(json!({"tag_name": ""})).refuses(422, "missing_field");
    // With the tag there already, the target is not looked at.
    post(json!({"tag_name": "v1.0.0", "target_commitish": "nowhere"}));
    assert_eq!(scene.get("/releases/tags/v1.0.0").status, 200);
}

#[test]
fn step_1_3_notes_end_at_125000_characters() {
    let scene = Scene::new();
    let post = |length: usize| {
        let body = "é".repeat(length);
        scene.call("POST", "/releases", &json!({"tag_name": "v1", "draft": true, "body": body}))
    };
    assert_eq!(post(125_000).status, 201);
    post(125_001).refuses(422, "body is too long");
}

#[test]
fn step_1_3_latest_follows_make_latest_and_the_date_of_the_commit_without_it() {
    let scene = Scene::new();
    scene.get("/releases/latest").refuses(404, "Not Found");
    let old = scene.release(&json!({"tag_name": "v0.9.0", "make_latest": "false"}));
    assert_eq!(latest(&scene), "v0.9.0", "nothing else was made latest by word");
    scene.release(&json!({"tag_name": "v1.0.0"}));
    assert_eq!(latest(&scene), "v1.0.0");
    let patch = |id: u64, word: &str| {
        scene.call("PATCH", &format!("/releases/{id}"), &json!({"make_latest": word}))
    };
    patch(old, "true");
    assert_eq!(latest(&scene), "v0.9.0");
    patch(old, "legacy");
    assert_eq!(latest(&scene), "v1.0.0", "the newer commit wins");
    scene.release(&json!({"tag_name": "v2.0.0-rc.1", "prerelease": true}));
    scene.release(&draft("v3.0.0"));
    assert_eq!(latest(&scene), "v1.0.0", "neither drafts nor prereleases count");
    let both = json!({"tag_name": "v4", "prerelease": true, "make_latest": "true"});
    scene.call("POST", "/releases", &both).refuses(422, "cannot be draft or prerelease");
    patch(old, "true");
    scene.call("DELETE", &format!("/releases/{old}"), &Value::Null);
    assert_eq!(latest(&scene), "v1.0.0");
}

#[test]
fn step_1_3_deleting_a_release_leaves_its_tag() {
    let scene = Scene::new();
    let id = scene.release(&json!({"tag_name": "v1.0.0"}));
    let path = format!("/releases/{id}");
    assert_eq!(scene.call("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(scene.call("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(scene.get("/git/ref/tags/v1.0.0").status, 200);
}

#[test]
fn step_1_3_an_unknown_discussion_category_is_404() {
    let scene = Scene::new();
    let fields = json!({"tag_name": "v1.0.0", "discussion_category_name": "News"});
    scene.call("POST", "/releases", &fields).refuses(404, "Not Found");
    scene.stand_ins.knobs(|knobs| _ = knobs.github.discussion_categories.insert("News".into()));
    let release = scene.call("POST", "/releases", &fields).json();
    assert!(release["discussion_url"].is_string());
}

#[test]
fn step_1_8_15_a_missing_workflow_scope_is_404() {
    let scene = Scene::new();
    let fields = json!({"tag_name": "v5.0.0", "target_commitish": "other"});
    let job = |fields: &Value| scene.call_as(Some("github-actions"), "POST", "/releases", fields);
    job(&fields).refuses(404, "Not Found");
    assert_eq!(job(&json!({"tag_name": "v1.0.0", "draft": true})).status, 201);
    scene.stand_ins.knobs(|knobs| knobs.github.workflow_scope_missing = true);
    scene.call("POST", "/releases", &fields).refuses(404, "Not Found");
    scene.stand_ins.knobs(|knobs| knobs.github.workflow_scope_missing = false);
    assert_eq!(scene.call("POST", "/releases", &fields).status, 201);
}

#[test]
fn step_1_3_generated_notes_name_what_was_merged_since_the_release_before() {
    let mut knobs = Knobs::default();
    let merged =
        json!([{"number": 7, "title": "Greet louder", "user": "ada", "merge_commit": "main"}]);
    let pulls = serde_json::from_value(merged).unwrap();
    knobs.github.pulls.insert("acme/greet".to_owned(), pulls);
    let scene = Scene::with(knobs);
    let fields = json!({"tag_name": "v1.0.0", "previous_tag_name": "v0.9.0"});
    let notes = scene.call("POST", "/releases/generate-notes", &fields).json();
    let body = notes["body"].as_str().unwrap();
    assert!(body.contains("* Greet louder by @ada in "), "{body}");
    assert!(body.ends_with("/acme/greet/compare/v0.9.0...v1.0.0"), "{body}");
    assert_eq!(scene.get("/releases").json(), json!([]), "nothing is stored");
    let sha = scene.git(&["rev-parse", "main"]);
    let found = scene.get(&format!("/commits/{sha}/pulls")).json();
    assert_eq!((&found[0]["number"], &found[0]["merge_commit_sha"]), (&json!(7), &json!(sha)));
}
