//! check, stage, publish, promote: dry, real, again.

use crate::{gh_release, masked, releases};
use testkit::Scene;

#[test]
fn a_dry_run_plans_everything_and_changes_nothing() {
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "publish v1.0.0 --dry-run").run();
    let commit = scene.project.commit_of("v1.0.0");
    let plan = format!(
        "create the draft of v1.0.0\n\
         upload `manifest.json` (1.1 kB)\n\
         upload 4 files (10.2 kB): checksums.txt, greet_darwin_arm64.tar.gz, greet_linux_amd64.tar.gz, greet_windows_amd64.zip\n\
         look for drafts of ours that are one too many\n\
         push the tag v1.0.0 ({commit})\n\
         publish v1.0.0\n"
    );
    ran.is(0, &plan, "");
    assert_eq!(scene.changes(), 0);
    assert!(!scene.project.join("dist/receipts").exists());
}

#[test]
fn publishing_is_done_once_and_found_the_second_time() {
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "publish v1.0.0").run().code(0);
    assert_eq!(masked(&scene, &ran.stdout), "HOST/acme/greet/releases/tag/v1.0.0\n");
    let published = releases(&scene);
    assert_eq!(published.len(), 1);
    let names: Vec<&str> = published[0]["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| asset["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(published[0]["draft"], false);
    // Not the latest yet: that is what `promote` is for.
    let body = published[0]["body"].as_str().unwrap();
    assert!(body.starts_with("# Notes\n\nWhat is new.\n\n<!-- landfall manifest="), "{body}");

    let changes = scene.changes();
    let again = gh_release(&scene, "publish v1.0.0 --json").run().code(0);
    assert_eq!(again.json()["status"], "unchanged");
    assert_eq!(scene.changes(), changes, "a second run changes nothing");
    assert_eq!(again.stderr, "");
}

#[test]
fn the_whole_channel_says_each_thing_it_makes() {
    // The first release of a repository is the latest by itself: nothing is left to promote.
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "v1.0.0 --concurrency 1").run().code(0);
    let commit = scene.project.commit_of("v1.0.0");
    let said = format!(
        "gh-release: create the draft of v1.0.0
gh-release: created draft v1.0.0
gh-release: upload `manifest.json` (1.1 kB)
gh-release: created manifest.json
gh-release: upload 4 files (10.2 kB): checksums.txt, greet_darwin_arm64.tar.gz, greet_linux_amd64.tar.gz, greet_windows_amd64.zip
gh-release: created checksums.txt
gh-release: created greet_darwin_arm64.tar.gz
gh-release: created greet_linux_amd64.tar.gz
gh-release: created greet_windows_amd64.zip
gh-release: look for drafts of ours that are one too many
gh-release: push the tag v1.0.0 ({commit})
gh-release: created tag v1.0.0
gh-release: publish v1.0.0
gh-release: created release v1.0.0
"
    );
    assert_eq!(ran.stderr, said);
    assert_eq!(masked(&scene, &ran.stdout), "HOST/acme/greet/releases/tag/v1.0.0\n");
    assert_eq!(releases(&scene)[0]["latest"], true);
}

#[test]
fn the_document_has_exactly_the_agreed_keys() {
    let scene = Scene::new("v1.0.0");
    let document = gh_release(&scene, "v1.0.0 --json").run().code(0).json();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    let mut expected = vec![
        "schema", "tool", "version", "verb", "tag", "channel", "dry_run", "status", "state", "url",
        "items", "visible",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(document["state"], "promoted");
    let item = &document["items"][0];
    let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["action", "name", "sha256", "size", "url"]);
    assert_eq!(item["name"], "checksums.txt");
}

#[test]
fn staging_shows_nothing_to_users() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "stage v1.0.0").run().code(0);
    let staged = releases(&scene);
    assert_eq!((staged.len(), &staged[0]["draft"]), (1, &true.into()));
    let status = gh_release(&scene, "status v1.0.0").run();
    status.is(3, "staged\n", "gh-release: error: `github` is staged for v1.0.0\n");
    let changes = scene.changes();
    gh_release(&scene, "stage v1.0.0").run().code(0);
    assert_eq!(scene.changes(), changes);
    let receipt = common::fs::read_text(&scene.project.join("dist/receipts/v1.0.0/github.json"));
    assert!(receipt.unwrap().contains(r#""state": "staged""#));
}

#[test]
fn a_prerelease_becomes_no_latest_and_says_so() {
    let scene = Scene::new("v1.1.0-rc.1");
    let document = gh_release(&scene, "v1.1.0-rc.1 --json").run().code(0).json();
    assert_eq!((&document["status"], &document["state"]), (&"done".into(), &"skipped".into()));
    assert_eq!(releases(&scene)[0]["prerelease"], true);
    assert_eq!(releases(&scene)[0]["latest"], false);
}

#[test]
fn the_latest_release_moves_only_with_promote() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "v1.0.0").run().code(0);
    scene.project.git("tag -a v1.1.0 -m v1.1.0");
    scene.project.freeze("v1.1.0");
    let ran = gh_release(&scene, "publish v1.1.0").run().code(0);
    assert!(ran.stderr.contains("keep v1.0.0 the latest release for now\n"), "{}", ran.stderr);
    let latest = |tag: &str| {
        releases(&scene).into_iter().find(|release| release["tag"] == tag).unwrap()["latest"]
            .clone()
    };
    assert_eq!((latest("v1.0.0"), latest("v1.1.0")), (true.into(), false.into()));
    let ran = gh_release(&scene, "promote v1.1.0").run().code(0);
    assert_eq!(
        ran.stderr,
        "gh-release: make v1.1.0 the latest release (now v1.0.0)\ngh-release: updated latest\n"
    );
    assert_eq!((latest("v1.0.0"), latest("v1.1.0")), (false.into(), true.into()));
}

#[test]
fn a_backport_does_not_become_the_latest() {
    let scene = Scene::new("v1.3.0");
    gh_release(&scene, "v1.3.0").run().code(0);
    scene.project.git("tag -a v1.2.9 -m v1.2.9");
    scene.project.freeze("v1.2.9");
    let ran = gh_release(&scene, "v1.2.9").run().code(0);
    let sentence = "gh-release: skipped: v1.3.0 is higher than v1.2.9: the latest release stays as it is (--allow-lower moves it)\n";
    assert!(ran.stderr.ends_with(sentence), "{}", ran.stderr);
    let latest = |scene: &Scene| {
        releases(scene).into_iter().find(|release| release["latest"] == true).unwrap()["tag"]
            .clone()
    };
    assert_eq!(latest(&scene), "v1.3.0");
    gh_release(&scene, "promote v1.2.9 --allow-lower").run().code(0);
    assert_eq!(latest(&scene), "v1.2.9");
}

#[test]
fn other_bytes_of_a_published_version_are_refused_before_anything_is_sent() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "v1.0.0").run().code(0);
    let changes = scene.changes();
    let list = scene.project.join("dist/manifest.json");
    let text = common::fs::read_text(&list).unwrap();
    let digest = common::digest::sha256(b"other\n");
    let old = text.split("\"sha256\": \"").nth(2).unwrap()[..64].to_owned();
    common::fs::replace(&list, text.replace(&old, &digest).as_bytes()).unwrap();
    let ran = gh_release(&scene, "publish v1.0.0").run().code(1);
    assert!(ran.stderr.starts_with("gh-release: error: v1.0.0 is published with other bytes of "));
    assert!(
        ran.stderr.ends_with(
            "hint: the bytes of a published version are fixed: release the next version\n"
        )
    );
    assert_eq!(scene.changes(), changes);
    gh_release(&scene, "status v1.0.0").run().is(
        3,
        "differs\n",
        "gh-release: error: `github` has something else under v1.0.0\n",
    );
}

#[test]
fn a_tag_at_another_commit_on_the_remote_is_refused() {
    let scene = Scene::new("v1.0.0");
    let bare = scene.stand_ins.git_dir().join("github.com/acme/greet.git");
    scene.project.git("commit -q --allow-empty -m other");
    scene.project.git(&format!("push -q {} HEAD:refs/tags/v1.0.0", bare.display()));
    let changes = scene.changes();
    let ran = gh_release(&scene, "stage v1.0.0").run().code(1);
    assert!(ran.stderr.contains("the tag v1.0.0 is at commit"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: a published tag never moves"), "{}", ran.stderr);
    assert_eq!(scene.changes(), changes);
}

#[test]
fn a_lost_dist_is_brought_back_from_the_draft() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "stage v1.0.0").run().code(0);
    let before = common::fs::read_text(&scene.project.join("dist/manifest.json")).unwrap();
    std::fs::remove_dir_all(scene.project.join("dist")).unwrap();
    gh_release(&scene, "restore v1.0.0").run().code(0);
    assert_eq!(common::fs::read_text(&scene.project.join("dist/manifest.json")).unwrap(), before);
    gh_release(&scene, "v1.0.0").run().code(0);
    assert_eq!(releases(&scene)[0]["latest"], true);
}
