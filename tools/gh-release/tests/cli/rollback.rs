//! rollback: plan, real, again; what an immutable release leaves.

use crate::{gh_release, releases};
use testkit::Scene;

#[test]
fn what_was_staged_is_removed() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "stage v1.0.0").run().code(0);
    gh_release(&scene, "rollback v1.0.0").run().is(
        2,
        "",
        "gh-release: error: refusing to roll back without an answer\nhint: see what would be done with --plan, then add --yes\n",
    );
    let plan = gh_release(&scene, "rollback v1.0.0 --plan").run().code(0);
    assert!(plan.stdout.starts_with("remove our draft "), "{}", plan.stdout);
    assert_eq!(releases(&scene).len(), 1);
    gh_release(&scene, "rollback v1.0.0 --yes").run().code(0);
    assert_eq!(releases(&scene).len(), 0);
    let again = gh_release(&scene, "rollback v1.0.0 --yes --json").run().code(0);
    assert_eq!(
        (&again.json()["status"], &again.json()["state"]),
        (&"unchanged".into(), &"absent".into())
    );
}

#[test]
fn a_published_release_goes_back_to_draft_and_latest_to_the_one_before() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "v1.0.0").run().code(0);
    scene.project.git("tag -a v1.1.0 -m v1.1.0");
    scene.project.freeze("v1.1.0");
    gh_release(&scene, "v1.1.0").run().code(0);

    let ran = gh_release(&scene, "rollback v1.1.0 --yes --reason broken").run().code(0);
    assert!(ran.stderr.contains("the tag v1.1.0 stays"), "{}", ran.stderr);
    let found =
        |tag: &str| releases(&scene).into_iter().find(|release| release["tag"] == tag).unwrap();
    assert_eq!(
        (&found("v1.1.0")["draft"], &found("v1.0.0")["latest"]),
        (&true.into(), &true.into())
    );
    let changes = scene.changes();
    gh_release(&scene, "rollback v1.1.0 --yes").run().code(0);
    assert_eq!(scene.changes(), changes, "what was taken back stays a draft");

    // The same bytes may be published again.
    gh_release(&scene, "v1.1.0").run().code(0);
    assert_eq!(found("v1.1.0")["latest"], true);
    assert!(!found("v1.1.0")["body"].as_str().unwrap().contains("withdrawn"));

    gh_release(&scene, "rollback v1.1.0 --yes --delete").run().code(0);
    assert_eq!(releases(&scene).len(), 1);
}

#[test]
fn an_immutable_release_is_refused_with_what_remains() {
    let scene = Scene::new("v1.0.0");
    scene.stand_ins.knobs(|knobs| {
        knobs.github.immutable.insert("acme/greet".into());
    });
    gh_release(&scene, "publish v1.0.0").run().code(0);
    let changes = scene.changes();
    gh_release(&scene, "rollback v1.0.0 --yes").run().is(
        1,
        "",
        "gh-release: error: v1.0.0 is immutable: GitHub lets nobody take it back\nhint: what remains: edit its title and notes, mark it as a pre-release, and release the next version\n",
    );
    assert_eq!(scene.changes(), changes);
}
