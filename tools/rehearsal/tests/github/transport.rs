//! What every request must carry, who may see what, and the three forms of addresses.

use rehearsal::{Knobs, Role};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::wire::{raw, through};

#[test]
fn step_1_1_a_request_without_user_agent_is_403() {
    let scene = Scene::new();
    let api = scene.stand_ins.origin(Role::GithubApi);
    raw(api, "GET", "/", &[], b"").unwrap().refuses(403, "User-Agent");
    raw(api, "GET", "/", &[("User-Agent", " ")], b"").unwrap().refuses(403, "User-Agent");
}

#[test]
fn step_1_1_an_unsupported_api_version_is_410() {
    let scene = Scene::new();
    let api = scene.stand_ins.origin(Role::GithubApi);
    let ask = |version| {
        let headers = [("User-Agent", "scene"), ("X-GitHub-Api-Version", version)];
        raw(api, "GET", "/repos/acme/greet", &headers, b"").unwrap()
    };
    ask("2021-01-01").refuses(410, "2021-01-01");
    assert_eq!(ask("2022-11-28").status, 200);
    assert_eq!(ask("2026-03-10").status, 200);
    let versions = scene.send(Role::GithubApi, "GET", "/versions", b"").json();
    assert_eq!(versions, json!(["2026-03-10", "2022-11-28"]));
}

#[test]
fn step_1_1_an_unknown_token_is_401_even_where_none_is_needed() {
    let scene = Scene::new();
    let api = scene.stand_ins.origin(Role::GithubApi);
    for header in ["Bearer other", "token other", "Basic b3RoZXI6b3RoZXI=", "nonsense"] {
        let headers = [("User-Agent", "scene"), ("Authorization", header)];
        let reply = raw(api, "GET", "/repos/acme/greet", &headers, b"").unwrap();
        reply.refuses(401, "Bad credentials");
        assert_eq!(reply.json()["status"], "401");
    }
}

#[test]
fn step_1_1_a_token_is_taken_in_all_three_schemes() {
    use base64::Engine as _;
    let scene = Scene::new();
    let api = scene.stand_ins.origin(Role::GithubApi);
    let token = scene.token("github-write");
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("x:{token}"));
    for header in [format!("Bearer {token}"), format!("token {token}"), format!("Basic {basic}")] {
        let headers = [("User-Agent", "scene"), ("Authorization", header.as_str())];
        assert_eq!(raw(api, "GET", "/user", &headers, b"").unwrap().status, 200);
    }
}

#[test]
fn step_1_1_writing_without_leave_is_401_or_403_and_may_be_404() {
    let scene = Scene::new();
    let body = json!({"tag_name": "v1.0.0"});
    let denied = scene.call_as(Some("github-read"), "POST", "/releases", &body);
    denied.refuses(403, "Resource not accessible by personal access token");
    assert_eq!(denied.header("x-accepted-github-permissions"), Some("contents=write"));
    let nobody = scene.call_as(None, "POST", "/releases", &body);
    nobody.refuses(401, "Requires authentication");
    scene.stand_ins.knobs(|knobs| knobs.github.denied_status = 404);
    scene.call_as(Some("github-read"), "POST", "/releases", &body).refuses(404, "Not Found");
}

#[test]
fn step_1_1_a_private_repository_does_not_exist_for_strangers() {
    let mut knobs = Knobs::default();
    knobs.github.private.insert("acme/greet".to_owned());
    let scene = Scene::with(knobs);
    scene.call_as(None, "GET", "", &Value::Null).refuses(404, "Not Found");
    assert_eq!(scene.get("").json()["private"], true);
    let page = "/acme/greet/releases";
    assert_eq!(scene.send(Role::GithubWeb, "GET", page, b"").status, 404);
}

#[test]
fn step_1_1_permissions_are_told_and_the_token_of_a_job_hides_that_it_may_write() {
    let scene = Scene::new();
    let push = |token| {
        let reply = scene.call_as(Some(token), "GET", "", &Value::Null);
        reply.json()["permissions"]["push"].clone()
    };
    assert_eq!(push("github-write"), true);
    assert_eq!(push("github-read"), false);
    assert_eq!(push("github-actions"), false);
    let body = json!({"tag_name": "v1.0.0", "draft": true});
    assert_eq!(scene.call_as(Some("github-actions"), "POST", "/releases", &body).status, 201);
    assert!(scene.call_as(None, "GET", "", &Value::Null).json().get("permissions").is_none());
}

#[test]
fn step_1_1_an_unchanged_answer_is_304_for_who_has_its_etag() {
    let scene = Scene::new();
    let first = scene.get("/releases");
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with("W/\""));
    let token = format!("Bearer {}", scene.token("github-write"));
    let headers =
        [("User-Agent", "scene"), ("Authorization", token.as_str()), ("If-None-Match", tag)];
    let api = scene.stand_ins.origin(Role::GithubApi);
    let again = raw(api, "GET", "/repos/acme/greet/releases", &headers, b"").unwrap();
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn step_1_1_broken_json_is_400_and_wrong_types_are_422() {
    let scene = Scene::new();
    let target = "/repos/acme/greet/releases";
    scene.send(Role::GithubApi, "POST", target, b"{").refuses(400, "Problems parsing JSON");
    scene.send(Role::GithubApi, "POST", target, b"[]").refuses(400, "JSON object");
    let post = |body: Value| scene.call("POST", "/releases", &body);
    post(json!({})).refuses(422, "\\\"tag_name\\\" wasn't supplied");
    post(json!({"tag_name": 1})).refuses(422, "not a string");
    post(json!({"tag_name": "v1.0.0", "draft": "yes"})).refuses(422, "not a boolean");
    post(json!({"tag_name": "v1.0.0", "make_latest": true})).refuses(422, "not a string");
    post(json!({"tag_name": "v1.0.0", "make_latest": "yes"})).refuses(422, "not a possible value");
}

#[test]
fn step_1_1_the_enterprise_form_answers_under_its_prefixes_with_its_own_addresses() {
    let scene = Scene::new();
    let api = scene.stand_ins.origin(Role::GithubApi);
    let send =
        |method: &str, target: &str, body: &[u8]| scene.send(Role::GithubApi, method, target, body);
    let body = br#"{"tag_name": "v1.0.0"}"#;
    let release = send("POST", "/api/v3/repos/acme/greet/releases", body).json();
    let id = release["id"].as_u64().unwrap();
    assert_eq!(release["url"], format!("{api}/api/v3/repos/acme/greet/releases/{id}"));
    let upload = format!("{api}/api/uploads/repos/acme/greet/releases/{id}/assets{{?name,label}}");
    assert_eq!(release["upload_url"], upload);
    let target = format!("/api/uploads/repos/acme/greet/releases/{id}/assets?name=a.txt");
    let asset = send("POST", &target, b"content").json();
    let url = asset["browser_download_url"].as_str().unwrap();
    assert_eq!(url, format!("{api}/acme/greet/releases/download/v1.0.0/a.txt"));
    let page = send("GET", url.strip_prefix(api).unwrap(), b"");
    assert_eq!(page.status, 302);
    let query = json!({"query": "{ repository { ref(qualifiedName: $t) } }",
        "variables": {"owner": "acme", "name": "greet", "tagName": "refs/tags/v1.0.0"}});
    let found = send("POST", "/api/graphql", query.to_string().as_bytes()).json();
    assert!(found["data"]["repository"]["ref"]["id"].is_string());
}

#[test]
fn a_socket_serves_the_real_names_with_addresses_of_their_own() {
    let scene = Scene::new();
    let token = format!("Bearer {}", scene.token("github-write"));
    let send = |host: &str, method: &str, target: &str, body: &[u8]| {
        let length = body.len().to_string();
        let headers = [
            ("User-Agent", "scene"),
            ("Authorization", token.as_str()),
            ("Content-Type", "text/plain"),
            ("Content-Length", length.as_str()),
        ];
        through(&scene.socket(), method, target, host, &headers, body).unwrap()
    };
    let body = br#"{"tag_name": "v1.0.0", "draft": true}"#;
    let release = send("api.github.com", "POST", "/repos/acme/greet/releases", body).json();
    let id = &release["id"];
    let target = format!("/repos/acme/greet/releases/{id}/assets");
    let expected = format!("https://uploads.github.com{target}{{?name,label}}");
    assert_eq!(release["upload_url"], expected);
    let upload = send("uploads.github.com", "POST", &format!("{target}?name=a"), b"content");
    assert_eq!(upload.status, 201);
    assert_eq!(send("github.com", "GET", "/acme/greet", b"").status, 200);
    send("example.com", "GET", "/", b"").refuses(421, "example.com");
}

#[test]
fn behind_a_proxy_the_api_names_the_address_of_the_proxy() {
    let mut knobs = Knobs::default();
    knobs.github.public_api = Some("http://127.0.0.1:9/".to_owned());
    let scene = Scene::with(knobs);
    assert_eq!(scene.get("").json()["url"], "http://127.0.0.1:9/repos/acme/greet");
}
