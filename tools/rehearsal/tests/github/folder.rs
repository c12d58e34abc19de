//! The folder of a rehearsal: what a second start finds, what is noted of a request, and what is not.

use rehearsal::{Options, Role, StandIns};
use serde_json::json;

use crate::scene::Scene;

#[test]
fn a_second_start_goes_on_with_the_same_state_tokens_and_addresses() {
    let scene = Scene::new();
    let id = scene.release(&json!({"tag_name": "v1.0.0", "draft": true, "body": "notes"}));
    scene.upload(id, "name=a.txt", b"content");
    let (state, token) = (scene.state(), scene.token("github-write"));
    let Scene { stand_ins, dir } = scene;
    let before = stand_ins.github().unwrap();
    let mut origin = stand_ins.origin(Role::GithubApi).to_owned();
    drop(stand_ins);
    // Between two starts any other process may take the port; not every time.
    let mut kept = None;
    for _ in 0..10 {
        let stand_ins = StandIns::start(&state, Options::default()).unwrap();
        let found = stand_ins.origin(Role::GithubApi).to_owned();
        if std::mem::replace(&mut origin, found.clone()) == found {
            kept = Some(stand_ins);
            break;
        }
    }
    let stand_ins = kept.expect("an address is used again where it is free");
    assert_eq!(stand_ins.github().unwrap(), before);
    let scene = Scene { stand_ins, dir };
    assert_eq!(scene.token("github-write"), token);
    let next = scene.release(&json!({"tag_name": "v1.0.0", "draft": true}));
    assert!(next > id, "an id is never given twice");
    assert_eq!(before["acme/greet"]["releases"][0]["assets"][0]["name"], "a.txt");
}

#[test]
fn a_folder_serves_one_at_a_time() {
    let scene = Scene::new();
    let refused = StandIns::start(&scene.state(), Options::default()).err().unwrap();
    assert!(refused.to_string().starts_with("refusing to share "), "{refused:#}");
    assert_eq!(common::error::kind(&refused), common::error::Kind::Temporary);
}

#[test]
fn every_request_is_a_line_of_json_without_any_token() {
    let scene = Scene::new();
    scene.get("/releases?per_page=5");
    scene.send_as(None, Role::GithubWeb, "GET", "/acme/greet", b"");
    let body = json!({"tag_name": "v1.0.0", "draft": true, "colour": "red"});
    scene.call("POST", "/releases", &body);
    scene.get(&format!("?leak={}", scene.token("github-write")));
    let requests = scene.stand_ins.requests();
    let first = &requests[0];
    assert_eq!((first.number, first.role), (1, Role::GithubApi));
    assert_eq!(first.path, "/repos/acme/greet/releases?per_page=5");
    assert_eq!((first.authorized, first.token.as_deref()), (true, Some("github-write")));
    assert_eq!((requests[1].authorized, requests[1].token.as_deref()), (false, None));
    let third = &requests[2];
    assert!(third.mutating);
    assert_eq!(third.body_size, body.to_string().len() as u64);
    assert_eq!(third.remarks, ["unknown field `colour`"]);
    let text = common::fs::read_text(&scene.state().join("requests.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 4);
    for canary in scene.stand_ins.canaries() {
        assert!(!text.contains(&canary.value));
    }
    assert!(text.contains("leak=***"));
}

#[test]
fn the_overlay_names_the_token_and_the_environment_holds_it() {
    let scene = Scene::new();
    let overlay = scene.stand_ins.overlay();
    let base = format!("{}/", scene.stand_ins.origin(Role::GithubApi));
    let config = json!({"base_url": base, "token": "${REHEARSAL_GITHUB_TOKEN}"});
    assert_eq!(overlay, json!({"schema": 1, "tools": {"gh-release": {"config": config}}}));
    let token = scene.token("github-write");
    let environment = scene.stand_ins.environment();
    assert_eq!(environment, [("REHEARSAL_GITHUB_TOKEN".to_owned(), token)]);
}

#[test]
fn two_ways_to_the_same_state_look_the_same() {
    let ways = [false, true].map(|detour| {
        let scene = Scene::new();
        if detour {
            let id = scene.release(&json!({"tag_name": "v1.0.0", "draft": true}));
            scene.call("DELETE", &format!("/releases/{id}"), &json!(null));
        }
        let id = scene.release(&json!({"tag_name": "v1.0.0", "draft": true}));
        for name in if detour { ["a", "b"] } else { ["b", "a"] } {
            scene.upload(id, &format!("name={name}"), name.as_bytes());
        }
        scene.stand_ins.github().unwrap()["acme/greet"]["releases"].clone()
    });
    assert_eq!(ways[0], ways[1]);
}
