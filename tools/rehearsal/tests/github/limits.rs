//! Rate limits of both kinds (CHANNELS 1.2 and 1.8, point 9).

use jiff::SignedDuration;
use rehearsal::fault::Limit;
use rehearsal::{Fault, Knobs, Role, Rule};
use serde_json::{Value, json};

use crate::scene::Scene;

#[test]
fn step_1_8_9_a_used_up_budget_is_403_or_429_until_it_is_refilled() {
    for (code, retry_after) in [(403, None), (429, Some(7))] {
        let mut knobs = Knobs::default();
        knobs.github.primary.budget = 2;
        knobs.github.primary.code = code;
        knobs.github.primary.retry_after = retry_after;
        let scene = Scene::with(knobs);
        assert_eq!(scene.get("").header("x-ratelimit-remaining"), Some("1"));
        assert_eq!(scene.get("").header("x-ratelimit-remaining"), Some("0"));
        let refused = scene.get("");
        refused.refuses(code, "API rate limit exceeded");
        assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
        let wait = retry_after.map(|seconds: u64| seconds.to_string());
        assert_eq!(refused.header("retry-after"), wait.as_deref());
        let reset: i64 = refused.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!(reset > scene.stand_ins.clock().now().as_second());
        assert_eq!(scene.send(Role::GithubApi, "GET", "/rate_limit", b"").status, 200);
        scene.stand_ins.clock().advance(SignedDuration::from_hours(1));
        assert_eq!(scene.get("").status, 200);
    }
}

#[test]
fn step_1_8_9_too_many_changes_in_a_minute_are_403_or_429_with_budget_left() {
    for code in [403, 429] {
        let mut knobs = Knobs::default();
        knobs.github.secondary.budget = Some(1);
        knobs.github.secondary.code = code;
        let scene = Scene::with(knobs);
        let post = || scene.call("POST", "/releases", &json!({"tag_name": "v1", "draft": true}));
        assert_eq!(post().status, 201);
        let refused = post();
        refused.refuses(code, "You have exceeded a secondary rate limit");
        let page = refused.json()["documentation_url"].as_str().unwrap().to_owned();
        assert!(page.ends_with("#about-secondary-rate-limits"), "{page}");
        assert_eq!(refused.header("retry-after"), Some("60"));
        assert_ne!(refused.header("x-ratelimit-remaining"), Some("0"));
        assert_eq!(scene.get("").status, 200, "reading goes on");
        scene.stand_ins.clock().advance(SignedDuration::from_secs(60));
        assert_eq!(post().status, 201);
    }
}

#[test]
fn step_1_2_a_scripted_limit_has_no_effect_and_looks_like_a_counted_one() {
    let scene = Scene::new();
    for (limit, code, remaining) in
        [(Limit::Primary, 403, "0"), (Limit::Primary, 429, "0"), (Limit::Secondary, 429, "4999")]
    {
        let fault = Fault::RateLimit { limit, code, retry_after: Some(1) };
        scene.stand_ins.faults(vec![Rule::nth(1, fault)]).unwrap();
        let fields = json!({"tag_name": "v1.0.0", "draft": true});
        let refused = scene.call("POST", "/releases", &fields);
        refused.refuses(code, "rate limit");
        assert_eq!(refused.header("x-ratelimit-remaining"), Some(remaining));
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(scene.get("/releases").json(), json!([]));
}

#[test]
fn step_1_2_without_a_token_sixty_requests_an_hour_are_all() {
    let scene = Scene::new();
    let reply = scene.call_as(None, "GET", "", &Value::Null);
    assert_eq!(reply.header("x-ratelimit-limit"), Some("60"));
    let with = scene.send(Role::GithubApi, "GET", "/rate_limit", b"").json();
    assert_eq!(with["resources"]["core"]["limit"], 5000);
    assert_eq!(with["rate"]["limit"], 5000);
}
