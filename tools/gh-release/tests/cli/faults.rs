//! Trouble on the way: half stored uploads, limits, locks, hostile words.

use rehearsal::fault::Limit;
use rehearsal::{Fault, Rule};

use crate::{gh_release, releases};
use testkit::Scene;

fn fault(scene: &Scene, method: &str, path: &str, fault: Fault) {
    scene.stand_ins.faults(vec![Rule::on(method, path, fault)]).expect("a known fault");
}

#[test]
fn a_half_stored_upload_is_repaired_in_the_same_run() {
    let scene = Scene::new("v1.0.0");
    fault(&scene, "POST", "/repos/*/*/releases/*/assets", Fault::HalfStoredUpload);
    gh_release(&scene, "v1.0.0").run().code(0);
    let release = &releases(&scene)[0];
    let assets = release["assets"].as_array().unwrap();
    assert_eq!(assets.len(), 5);
    assert!(assets.iter().all(|asset| asset["state"] == "uploaded"), "{assets:#?}");
}

#[test]
fn a_used_up_rate_limit_is_temporary_and_says_until_when() {
    let scene = Scene::new("v1.0.0");
    scene.stand_ins.knobs(|knobs| knobs.github.primary.budget = 0);
    let config = common::fs::read_text(&scene.project.join("distribution.json")).unwrap();
    let config = config.replace("{\"config\"", "{\"deadline\": \"2s\", \"config\"");
    scene.project.write("distribution.json", config);
    let ran = gh_release(&scene, "stage v1.0.0").run().code(75);
    assert!(ran.stderr.contains("rate limit") && ran.stderr.contains("until 20"), "{}", ran.stderr);
}

#[test]
fn a_secondary_limit_is_waited_for_as_long_as_it_asks() {
    let scene = Scene::new("v1.0.0");
    let limit = Fault::RateLimit { limit: Limit::Secondary, code: 403, retry_after: Some(1) };
    fault(&scene, "POST", "/repos/*/*/releases", limit);
    let ran = gh_release(&scene, "stage v1.0.0").run().code(0);
    assert!(ran.stderr.contains("gh-release: waiting 1.0 s: "), "{}", ran.stderr);
    assert_eq!(releases(&scene).len(), 1);
}

#[test]
fn a_missing_workflow_permission_hides_behind_404_and_is_named() {
    let scene = Scene::new("v1.0.0");
    scene.stand_ins.knobs(|knobs| knobs.github.workflow_scope_missing = true);
    scene.project.write(".github/workflows/ci.yml", "on: push\n");
    scene.project.git("add .github");
    scene.project.git("commit -q -m ci");
    scene.project.git("tag -a v1.0.1 -m v1.0.1");
    scene.project.freeze("v1.0.1");
    let ran = gh_release(&scene, "v1.0.1").run().code(1);
    assert!(ran.stderr.contains("`workflow` scope"), "{}", ran.stderr);
}

#[test]
fn the_second_of_two_runs_waits_a_little_then_names_the_first() {
    let scene = Scene::new("v1.0.0");
    let dist = scene.project.join("dist");
    let held = common::lock::take(&dist, "github", std::time::Duration::ZERO).unwrap();
    let ran = gh_release(&scene, "stage v1.0.0").run();
    let pid = std::process::id();
    ran.is(
        75,
        "",
        &format!(
            "gh-release: error: `dist/.locks/github` is held by process {pid}\nhint: let process {pid} finish, then run the same command again\n"
        ),
    );
    assert_eq!(scene.changes(), 0);
    drop(held);
    gh_release(&scene, "stage v1.0.0").run().code(0);
}

#[test]
fn a_page_of_html_instead_of_json_is_said_to_be_one() {
    let scene = Scene::new("v1.0.0");
    fault(&scene, "GET", "/repos/acme/greet", Fault::HtmlPage { code: 200 });
    let ran = gh_release(&scene, "stage v1.0.0").run().code(1);
    assert!(ran.stderr.contains("HTML where JSON was expected"), "{}", ran.stderr);
}

#[test]
fn two_runs_at_once_make_one_release() {
    let scene = Scene::new("v1.0.0");
    let first = gh_release(&scene, "v1.0.0").start();
    let second = gh_release(&scene, "v1.0.0").start();
    let codes = [first, second].map(|child| testkit::Ran::of(child).code);
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 75))), "{codes:?}");
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert_eq!(releases(&scene).len(), 1);
}
