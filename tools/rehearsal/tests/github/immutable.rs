//! Immutable releases (CHANNELS 1.5 and 1.8, point 10).

use rehearsal::Knobs;
use serde_json::{Value, json};

use crate::scene::Scene;

fn scene() -> Scene {
    let mut knobs = Knobs::default();
    knobs.github.immutable.insert("acme/greet".to_owned());
    Scene::with(knobs)
}

/// A release with one asset, made the only way that works.
fn published(scene: &Scene) -> (u64, u64) {
    let id = scene.release(&json!({"tag_name": "v1.0.0", "draft": true}));
    let asset = scene.upload(id, "name=a.zip", b"1").json()["id"].as_u64().unwrap();
    let patch = json!({"draft": false, "tag_name": "v1.0.0"});
    let release = scene.call("PATCH", &format!("/releases/{id}"), &patch).json();
    assert_eq!(release["immutable"], true);
    (id, asset)
}

#[test]
fn step_1_8_10_assets_of_an_immutable_release_stay_as_they_are() {
    let scene = scene();
    let (id, asset) = published(&scene);
    let upload = scene.upload(id, "name=b.zip", b"2");
    upload.refuses(422, "Cannot upload assets to an immutable release.");
    let path = format!("/releases/assets/{asset}");
    scene.call("DELETE", &path, &Value::Null).refuses(422, "immutable");
    scene.call("PATCH", &path, &json!({"name": "c.zip"})).refuses(422, "immutable");
}

#[test]
fn step_1_5_title_notes_and_latest_stay_editable_but_tag_and_visibility_do_not() {
    let scene = scene();
    let (id, _) = published(&scene);
    let patch = |fields: Value| scene.call("PATCH", &format!("/releases/{id}"), &fields);
    let edited = patch(json!({"name": "New", "body": "notes", "make_latest": "false"}));
    assert_eq!((edited.status, &edited.json()["name"]), (200, &json!("New")));
    patch(json!({"draft": true, "tag_name": "v1.0.0"})).refuses(422, "immutable");
    patch(json!({"tag_name": "v1.0.1"})).refuses(422, "immutable");
    let tag = scene.call("DELETE", "/git/refs/tags/v1.0.0", &Value::Null);
    tag.refuses(422, "Repository rule violations found");
}

#[test]
fn step_1_5_the_name_of_its_tag_is_burned_for_good() {
    let scene = scene();
    let (id, _) = published(&scene);
    assert_eq!(scene.call("DELETE", &format!("/releases/{id}"), &Value::Null).status, 204);
    let again = scene.call("POST", "/releases", &json!({"tag_name": "v1.0.0"}));
    again.refuses(422, "tag_name was used by an immutable release");
    let fields: Vec<_> =
        again.json()["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["pre_receive", "tag_name", "tag_name"]);
}

#[test]
fn step_1_5_the_switch_is_404_when_off_and_409_where_the_owner_holds_it() {
    let scene = Scene::new();
    let switch = |method| scene.call(method, "/immutable-releases", &Value::Null);
    switch("GET").refuses(404, "Not Found");
    assert_eq!(switch("PUT").status, 204);
    assert_eq!(switch("GET").json(), json!({"enabled": true, "enforced_by_owner": false}));
    published(&scene);
    assert_eq!(switch("DELETE").status, 204);
    switch("GET").refuses(404, "Not Found");
    scene.stand_ins.knobs(|knobs| _ = knobs.github.immutable.insert("acme/greet".to_owned()));
    switch("DELETE").refuses(409, "enforced");
    assert_eq!(switch("GET").json()["enforced_by_owner"], true);
}
