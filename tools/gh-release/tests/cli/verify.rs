//! verify and status: read back from the public side.

use crate::gh_release;
use testkit::Scene;

#[test]
fn every_asset_is_fetched_without_the_token_and_compared() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "v1.0.0").run().code(0);
    let before = scene.stand_ins.requests().len();
    let ran = gh_release(&scene, "verify v1.0.0").env("REHEARSAL_GITHUB_TOKEN", "").run();
    let lines = "\
same     manifest.json
same     checksums.txt
same     greet_darwin_arm64.tar.gz
same     greet_linux_amd64.tar.gz
same     greet_windows_amd64.zip
";
    ran.is(0, lines, "");
    let requests = scene.stand_ins.requests();
    assert!(requests[before..].iter().all(|request| !request.authorized), "no token was sent");
}

#[test]
fn what_is_not_published_is_missing() {
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "verify v1.0.0 --json").run().code(3);
    let document = ran.json();
    assert_eq!(document["verdicts"][0]["verdict"], "missing");
    assert_eq!(document["error"]["kind"], "no");
    assert_eq!(document["status"], "failed");
}

#[test]
fn a_wait_that_runs_out_is_temporary() {
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "verify v1.0.0 --wait=10ms").run().code(75);
    assert!(ran.stderr.contains("hint: the index may be slow"), "{}", ran.stderr);
}

#[test]
fn status_is_absent_then_promoted() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "status v1.0.0").run().is(
        3,
        "absent\n",
        "gh-release: error: `github` is absent for v1.0.0\n",
    );
    gh_release(&scene, "v1.0.0 -q").run().code(0);
    gh_release(&scene, "status v1.0.0").run().is(0, "promoted\n", "");
}
