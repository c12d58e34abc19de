//! Assets: upload, renaming, digests, pages, downloads (CHANNELS 1.4 and 1.8, points 6 to 8 and 13).

use rehearsal::{Fault, Role, Rule};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::wire::{Reply, raw};

fn draft(scene: &Scene) -> u64 {
    scene.release(&json!({"tag_name": "v1.0.0", "draft": true}))
}

fn already_exists(reply: &Reply) {
    reply.refuses(422, "Validation Failed");
    let error = json!({"resource": "ReleaseAsset", "code": "already_exists", "field": "name"});
    assert_eq!(reply.json()["errors"], json!([error]));
    assert!(reply.json()["request_id"].is_string());
}

#[test]
fn step_1_8_6_an_upload_answers_with_stored_name_label_and_digest() {
    let scene = Scene::new();
    let id = draft(&scene);
    let asset =
        scene.upload(id, "name=gr%C3%BC%C3%9F%20e.zip&label=Any+text%21", b"hello\n").json();
    let digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    assert_eq!(asset["digest"], digest);
    assert_eq!((&asset["name"], &asset["label"]), (&json!("gru.e.zip"), &json!("Any text!")));
    assert_eq!((&asset["size"], &asset["state"]), (&json!(6), &json!("uploaded")));
    let plus = scene.upload(id, "name=a+b.zip", b"1").json();
    assert_eq!(plus["name"], "a.b.zip", "a bare plus is a space");
    assert_eq!(scene.upload(id, "name=a%2Bb.zip", b"1").json()["name"], "a+b.zip");
}

#[test]
fn step_1_8_6_a_name_is_taken_once_in_the_form_it_is_stored_in() {
    let scene = Scene::new();
    let id = draft(&scene);
    assert_eq!(scene.upload(id, "name=foo.bar", b"1").status, 201);
    already_exists(&scene.upload(id, "name=foo.bar", b"1"));
    already_exists(&scene.upload(id, "name=foo%20bar", b"1"));
}

#[test]
fn step_1_8_6_a_half_stored_upload_leaves_a_starter_that_blocks_its_name() {
    let scene = Scene::new();
    let id = draft(&scene);
    let rule = Rule::on("POST", "/repos/*/*/releases/*/assets", Fault::HalfStoredUpload);
    scene.stand_ins.faults(vec![rule]).unwrap();
    assert_eq!(scene.upload(id, "name=a.zip", b"content").status, 502);
    let assets = scene.get(&format!("/releases/{id}/assets")).json();
    assert_eq!((&assets[0]["state"], &assets[0]["size"]), (&json!("starter"), &json!(0)));
    assert_eq!(assets[0]["digest"], Value::Null);
    already_exists(&scene.upload(id, "name=a.zip", b"content"));
    let path = format!("/releases/assets/{}", assets[0]["id"]);
    assert_eq!(scene.call("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(scene.call("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(scene.upload(id, "name=a.zip", b"content").json()["state"], "uploaded");
}

#[test]
fn step_1_4_an_upload_that_breaks_off_leaves_a_starter_too() {
    let scene = Scene::new();
    let id = draft(&scene);
    let token = format!("Bearer {}", scene.token("github-write"));
    let headers = [
        ("User-Agent", "scene"),
        ("Authorization", token.as_str()),
        ("Content-Type", "application/zip"),
        ("Content-Length", "100"),
    ];
    let target = format!("/repos/acme/greet/releases/{id}/assets?name=a.zip");
    crate::wire::hang_up(scene.stand_ins.origin(Role::GithubUploads), &target, &headers, b"half");
    let state = || scene.get(&format!("/releases/{id}/assets")).json()[0]["state"].clone();
    // The server learns of the end of the connection when it reads it, not when it is written.
    crate::wire::until(|| state() == "starter");
}

#[test]
fn step_1_8_13_an_upload_needs_length_and_type() {
    let scene = Scene::new();
    let id = draft(&scene);
    let token = format!("Bearer {}", scene.token("github-write"));
    let good = [
        ("User-Agent", "scene"),
        ("Authorization", token.as_str()),
        ("Content-Type", "application/zip"),
        ("Content-Length", "1"),
    ];
    let uploads = scene.stand_ins.origin(Role::GithubUploads);
    let target = format!("/repos/acme/greet/releases/{id}/assets?name=a.zip");
    let send = |target: &str, headers: &[(&str, &str)], body: &[u8]| {
        raw(uploads, "POST", target, headers, body).unwrap()
    };
    let mut chunked = good;
    chunked[3] = ("Transfer-Encoding", "chunked");
    let reply = send(&target, &chunked, b"1\r\nx\r\n0\r\n\r\n");
    reply.refuses(400, "Bad Content-Length: ");
    assert!(reply.json()["request_id"].is_string());
    let typeless = [good[0], good[1], good[3]];
    send(&target, &typeless, b"x").refuses(400, "Bad Content-Type");
    let nameless = format!("/repos/acme/greet/releases/{id}/assets");
    send(&nameless, &good, b"x").refuses(422, "missing_field");
    assert_eq!(scene.get(&nameless["/repos/acme/greet".len()..]).json(), json!([]));
    assert_eq!(send(&target, &good, b"x").status, 201);
}

#[test]
fn step_1_4_empty_and_enormous_assets_and_too_many_are_refused() {
    let scene = Scene::new();
    let id = draft(&scene);
    let empty = scene.upload(id, "name=a.zip", b"");
    empty.refuses(422, "size must be greater than or equal to 1");
    scene.stand_ins.knobs(|knobs| knobs.github.asset_size_limit = 10);
    scene.upload(id, "name=a.zip", &[1; 10]).refuses(500, "Error saving asset");
    assert_eq!(scene.upload(id, "name=a.zip", &[1; 9]).status, 201);
    scene.stand_ins.knobs(|knobs| knobs.github.asset_count_limit = 1);
    scene.upload(id, "name=b.zip", &[1; 9]).refuses(422, "Validation Failed");
}

#[test]
fn step_1_8_7_assets_are_listed_30_to_a_page_with_numeric_links() {
    let scene = Scene::new();
    let id = draft(&scene);
    for n in 0..31 {
        scene.upload(id, &format!("name=file{n}.txt"), b"x");
    }
    let number = scene.get("").json()["id"].clone();
    let first = scene.get(&format!("/releases/{id}/assets"));
    assert_eq!(first.json().as_array().map(Vec::len), Some(30));
    let api = scene.stand_ins.origin(Role::GithubApi);
    let page = format!("{api}/repositories/{number}/releases/{id}/assets?per_page=30&page=2");
    let link = format!("<{page}>; rel=\"next\", <{page}>; rel=\"last\"");
    assert_eq!(first.header("link"), Some(link.as_str()));
    let second = scene.send(Role::GithubApi, "GET", page.strip_prefix(api).unwrap(), b"");
    assert_eq!(second.json().as_array().map(Vec::len), Some(1));
    assert!(second.header("link").unwrap().contains("rel=\"prev\""));
    let all = scene.get(&format!("/releases/{id}/assets?per_page=100"));
    assert_eq!(all.json().as_array().map(Vec::len), Some(31));
    assert_eq!(all.header("link"), None, "one page has no links");
}

#[test]
fn step_1_8_8_a_download_leads_to_a_third_host_that_refuses_tokens() {
    let scene = Scene::new();
    let id = scene.release(&json!({"tag_name": "v1.0.0"}));
    let asset = scene.upload(id, "name=a.txt", b"content").json();
    let storage = scene.stand_ins.origin(Role::GithubStorage);
    let ask = |origin: &str, target: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("User-Agent", "scene")];
        headers.extend(more);
        raw(origin, "GET", target, &headers, b"").unwrap()
    };
    let api = scene.stand_ins.origin(Role::GithubApi);
    let path = format!("/repos/acme/greet/releases/assets/{}", asset["id"]);
    let octets = ("Accept", "application/octet-stream");
    let from_api = ask(api, &path, &[octets]);
    assert_eq!(from_api.status, 302);
    let web = scene.stand_ins.origin(Role::GithubWeb);
    let url = asset["browser_download_url"].as_str().unwrap();
    let from_web = ask(web, url.strip_prefix(web).unwrap(), &[]);
    assert_eq!(from_web.status, 302);
    let targets = [from_api, from_web]
        .map(|reply| reply.header("location").unwrap().strip_prefix(storage).unwrap().to_owned());
    for target in &targets {
        assert_eq!(ask(storage, target, &[]).body, b"content");
        let token = format!("Bearer {}", scene.token("github-write"));
        let refused = ask(storage, target, &[("Authorization", &token)]);
        refused.refuses(400, "Only one auth mechanism allowed");
        let forged = target.replace("sig=", "sig=0");
        ask(storage, &forged, &[]).refuses(403, "AuthenticationFailed");
    }
    scene.stand_ins.clock().advance(jiff::SignedDuration::from_secs(301));
    ask(storage, &targets[0], &[]).refuses(403, "AuthenticationFailed");
}

#[test]
fn step_1_4_a_draft_is_downloaded_through_the_api_only() {
    let scene = Scene::new();
    let id = draft(&scene);
    let asset = scene.upload(id, "name=a.txt", b"content").json();
    let web = scene.stand_ins.origin(Role::GithubWeb);
    let page = asset["browser_download_url"].as_str().unwrap().strip_prefix(web).unwrap();
    assert_eq!(scene.send(Role::GithubWeb, "GET", page, b"").status, 404);
    let path = format!("/releases/assets/{}", asset["id"]);
    assert_eq!(scene.get(&path).status, 200);
    assert_eq!(scene.call_as(None, "GET", &path, &Value::Null).status, 404);
}

#[test]
fn step_1_4_the_newest_download_is_found_without_knowing_its_tag() {
    let scene = Scene::new();
    let id = scene.release(&json!({"tag_name": "v1.0.0"}));
    scene.upload(id, "name=a.txt", b"content");
    let web = scene.stand_ins.origin(Role::GithubWeb);
    let location = |page: &str| {
        let reply = scene.send(Role::GithubWeb, "GET", page, b"");
        reply.header("location").map(str::to_owned)
    };
    let download = location("/acme/greet/releases/latest/download/a.txt");
    assert_eq!(download, Some(format!("{web}/acme/greet/releases/download/v1.0.0/a.txt")));
    let page = location("/acme/greet/releases/latest");
    assert_eq!(page, Some(format!("{web}/acme/greet/releases/tag/v1.0.0")));
}

#[test]
fn step_1_4_renaming_an_asset_follows_the_rules_of_uploading_one() {
    let scene = Scene::new();
    let id = draft(&scene);
    let asset = scene.upload(id, "name=a.txt", b"1").json();
    scene.upload(id, "name=b.txt", b"2");
    let path = format!("/releases/assets/{}", asset["id"]);
    let taken = scene.call("PATCH", &path, &json!({"name": "b.txt"}));
    taken.refuses(422, "already_exists");
    let renamed = scene.call("PATCH", &path, &json!({"name": "c d.txt", "label": "C"})).json();
    assert_eq!((&renamed["name"], &renamed["label"]), (&json!("c.d.txt"), &json!("C")));
}
