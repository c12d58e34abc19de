//! Scripted faults: each does what it says, to the requests it was meant for, and to no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rehearsal::fault::Effect;
use rehearsal::{Fault, Role, Rule};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::wire::raw;

/// Sends the request that makes a draft; absent where the connection was cut.
fn create(scene: &Scene) -> Option<u16> {
    let token = format!("Bearer {}", scene.token("github-write"));
    let body = br#"{"tag_name": "v1.0.0", "draft": true}"#;
    let length = body.len().to_string();
    let headers = [
        ("User-Agent", "scene"),
        ("Authorization", token.as_str()),
        ("Content-Length", length.as_str()),
    ];
    let api = scene.stand_ins.origin(Role::GithubApi);
    raw(api, "POST", "/repos/acme/greet/releases", &headers, body).ok().map(|reply| reply.status)
}

/// Lets a fault strike the next request, and returns its status and how many drafts there are then.
fn strike(fault: Fault) -> (Option<u16>, usize) {
    let scene = Scene::new();
    scene.stand_ins.faults(vec![Rule::nth(1, fault)]).unwrap();
    let status = create(&scene);
    let drafts = scene.get("/releases").json().as_array().map_or(0, Vec::len);
    (status, drafts)
}

#[test]
fn a_request_is_cut_before_or_after_it_took_effect() {
    assert_eq!(strike(Fault::DropBefore), (None, 0));
    assert_eq!(strike(Fault::Reset), (None, 0));
    assert_eq!(strike(Fault::DropAfter), (None, 1));
}

#[test]
fn a_status_comes_before_or_after_the_effect() {
    let status = |effect| Fault::Status { code: 502, retry_after: None, effect };
    assert_eq!(strike(status(Effect::Before)), (Some(502), 0));
    assert_eq!(strike(status(Effect::After)), (Some(502), 1));
    assert_eq!(strike(Fault::HtmlPage { code: 503 }), (Some(503), 0));
    assert_eq!(strike(Fault::ExpiredToken), (Some(401), 0));
}

#[test]
fn retry_after_is_sent_where_the_rule_says_so() {
    let scene = Scene::new();
    let fault = Fault::Status { code: 429, retry_after: Some(3), effect: Effect::Before };
    scene.stand_ins.faults(vec![Rule::nth(1, fault)]).unwrap();
    assert_eq!(scene.get("").header("retry-after"), Some("3"));
    assert_eq!(scene.get("").status, 200, "once is once");
}

#[test]
fn a_kill_reaches_the_victim_before_or_after_the_effect() {
    for (fault, drafts) in [(Fault::KillBefore, 0), (Fault::KillAfter, 1)] {
        let scene = Scene::new();
        let kills = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&kills);
        scene.stand_ins.victim(Box::new(move || _ = counted.fetch_add(1, Ordering::SeqCst)));
        scene.stand_ins.faults(vec![Rule::nth(1, fault)]).unwrap();
        assert_eq!(create(&scene), None);
        assert_eq!(kills.load(Ordering::SeqCst), 1);
        assert_eq!(scene.get("/releases").json().as_array().map(Vec::len), Some(drafts));
    }
}

#[test]
fn an_answer_is_truncated_cut_short_or_slow() {
    let scene = Scene::new();
    let get = |fault| {
        scene.stand_ins.faults(vec![Rule::nth(1, fault)]).unwrap();
        scene.get("")
    };
    let slow = get(Fault::SlowBody { piece: 1000, pause: 1 });
    assert_eq!(slow.json()["name"], "greet");
    let truncated = get(Fault::TruncatedJson);
    assert_eq!(truncated.status, 200);
    assert!(serde_json::from_slice::<Value>(&truncated.body).is_err());
    assert_eq!(truncated.header("content-length"), Some(truncated.body.len().to_string().as_str()));
    let short = get(Fault::ShortBody);
    let announced: usize = short.header("content-length").unwrap().parse().unwrap();
    assert!(short.body.len() < announced);
}

#[test]
fn a_download_may_be_cut_short_as_well() {
    let scene = Scene::new();
    let id = scene.release(&json!({"tag_name": "v1.0.0"}));
    let asset = scene.upload(id, "name=a.txt", &[7; 1000]).json();
    let web = scene.stand_ins.origin(Role::GithubWeb);
    let page = asset["browser_download_url"].as_str().unwrap().strip_prefix(web).unwrap();
    let fault = Rule { role: Some(Role::GithubStorage), ..Rule::nth(1, Fault::ShortBody) };
    scene.stand_ins.faults(vec![fault]).unwrap();
    let location = scene.send_as(None, Role::GithubWeb, "GET", page, b"");
    let storage = scene.stand_ins.origin(Role::GithubStorage);
    let target = location.header("location").unwrap().strip_prefix(storage).unwrap().to_owned();
    let download = || scene.send_as(None, Role::GithubStorage, "GET", &target, b"");
    let short = download();
    assert_eq!(short.header("content-length"), Some("1000"));
    assert_eq!(short.body.len(), 500);
    assert_eq!(download().body.len(), 1000);
}

#[test]
fn a_stale_read_sees_the_state_before_the_last_change() {
    let scene = Scene::new();
    scene.release(&json!({"tag_name": "v1.0.0", "draft": true}));
    scene.release(&json!({"tag_name": "v2.0.0", "draft": true}));
    let rule = Rule::on("GET", "/repos/*/*/releases", Fault::StaleRead);
    scene.stand_ins.faults(vec![rule]).unwrap();
    let count = || scene.get("/releases").json().as_array().map(Vec::len);
    assert_eq!([count(), count()], [Some(1), Some(2)]);
}

#[test]
fn every_fault_leaves_its_name_in_the_log() {
    let scene = Scene::new();
    scene.stand_ins.faults(vec![Rule::nth(1, Fault::DropAfter)]).unwrap();
    create(&scene);
    let logged = &scene.stand_ins.requests()[0];
    assert_eq!((logged.fault.as_deref(), logged.status), (Some("drop_after"), None));
}
