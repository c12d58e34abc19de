//! check: each cause by its code; nothing is changed.

use crate::gh_release;
use testkit::Scene;

/// Runs check, expects these codes in this order, and that nothing changed.
#[track_caller]
fn finds(scene: &Scene, tag: &str, exit: i32, codes: &[&str]) -> serde_json::Value {
    let document = gh_release(scene, &format!("check {tag} --json")).run().code(exit).json();
    let findings = document["findings"].as_array().cloned().unwrap_or_default();
    let code =
        |finding: &serde_json::Value| finding["code"].as_str().unwrap_or_default().to_owned();
    let found: Vec<String> = findings.iter().map(code).collect();
    assert_eq!(found, codes, "{findings:#?}");
    assert_eq!(scene.changes(), 0, "check changes nothing");
    document
}

fn configure(scene: &Scene, config: &str, rules: &str) {
    scene.project.write(
        "distribution.json",
        format!(
            r#"{{"publishers": {{"github": {{"config": {{"owner": "acme", "repo": "greet", "notes_file": "notes.md"{config}}}}}}},
  "validators": {{"github": {{"config": {{{rules}}}}}}}, "retry_policy": {{"max_retries": 1, "base_delay": "1ms"}}}}"#
        ),
    );
}

#[test]
fn a_sound_release_has_no_findings() {
    let scene = Scene::new("v1.0.0");
    let document = finds(&scene, "v1.0.0", 0, &[]);
    assert_eq!(document["state"], "absent");
}

#[test]
fn our_own_published_bytes_pass() {
    let scene = Scene::new("v1.0.0");
    gh_release(&scene, "v1.0.0").run().code(0);
    gh_release(&scene, "check v1.0.0").run().is(0, "", "");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let scene = Scene::new("v1.0.0");
    configure(&scene, "", r#""required_assets": ["linux", "freebsd", "windows/arm64"]"#);
    scene.project.write("notes.md", " \n");
    scene.project.write("dist/greet_linux_amd64.tar.gz", "changed");
    std::fs::remove_file(scene.project.join("dist/greet_windows_amd64.zip")).unwrap();
    finds(
        &scene,
        "v1.0.0",
        1,
        &[
            "artifact_changed",
            "artifact_unreadable",
            "platform_missing",
            "platform_missing",
            "no_notes",
        ],
    );
}

#[test]
fn a_lightweight_tag_and_a_missing_one_are_told_apart() {
    let scene = Scene::new("v1.0.0");
    scene.project.git("tag -d v1.0.0");
    finds(&scene, "v1.0.0", 1, &["no_tag"]);
    scene.project.git("tag v1.0.0");
    finds(&scene, "v1.0.0", 1, &["tag_lightweight"]);
}

#[test]
fn permission_is_denied_or_unknown_but_never_guessed() {
    let scene = Scene::new("v1.0.0");
    let with = |name: &str| {
        let token = scene.stand_ins.token(name).unwrap().to_owned();
        let ran =
            gh_release(&scene, "check v1.0.0 --json").env("REHEARSAL_GITHUB_TOKEN", token).run();
        (ran.code, ran.json()["findings"][0]["code"].clone())
    };
    assert_eq!(with("github-actions"), (Some(0), "unknown_permission".into()));
    let bad =
        gh_release(&scene, "check v1.0.0").env("REHEARSAL_GITHUB_TOKEN", "ghp_nonsense_1234567890");
    let ran = bad.run().code(1);
    assert!(ran.stderr.contains("[permission_denied] failed to read the repository of acme/greet: 401 Bad credentials\n  the token is not valid any more"), "{}", ran.stderr);
    let none = gh_release(&scene, "check v1.0.0 --json").env("REHEARSAL_GITHUB_TOKEN", "");
    assert_eq!(none.run().code(1).json()["findings"][0]["code"], "no_token");
}

#[test]
fn an_unreachable_host_is_temporary() {
    let scene = Scene::new("v1.0.0");
    configure(&scene, "", "");
    let overlay = scene.project.join("overlay.json");
    // Port 9 of loopback is nobody's.
    let text = r#"{"tools": {"gh-release": {"config": {"base_url": "http://127.0.0.1:9/"}}}}"#;
    common::fs::replace(&overlay, text.as_bytes()).unwrap();
    let ran = gh_release(&scene, "check v1.0.0 --json")
        .env("LANDFALL_OVERLAY", overlay.display().to_string())
        .run()
        .code(75);
    assert_eq!(ran.json()["findings"][0]["code"], "unreachable");
}

#[test]
fn another_repository_is_said_with_the_keys_to_set() {
    let scene = Scene::new("v1.0.0");
    let ran = gh_release(&scene, "check v1.0.0 --repo other").run().code(1);
    assert!(
        ran.stderr.contains(
            "acme/other does not exist, or the token may not see it: check owner and repo"
        ),
        "{}",
        ran.stderr
    );
    scene
        .project
        .write("distribution.json", r#"{"publishers": {"github": {"config": {"ownr": "acme"}}}}"#);
    let ran = gh_release(&scene, "check v1.0.0").run().code(2);
    assert!(ran.stderr.starts_with("gh-release: error: distribution.json:1: unknown field `ownr`"));
    assert!(ran.stderr.ends_with("hint: did you mean `owner`?\n"), "{}", ran.stderr);
}

#[test]
fn a_configuration_written_years_ago_loads_unchanged() {
    let scene = Scene::new("v1.0.0");
    let text = include_str!("../data/distribution-config.json");
    scene.project.write("distribution.json", text);
    scene.project.write("CHANGELOG.md", "# Changelog\n");
    let ran =
        gh_release(&scene, "check v1.0.0 --owner acme --repo greet --notes-file notes.md --json")
            .run();
    let document = ran.code(0).json();
    assert_eq!(document["status"], "done");
}

#[test]
fn a_list_of_checksums_that_lies_is_found() {
    let scene = Scene::new("v1.0.0");
    let list = scene.project.join("dist/checksums.txt");
    let text = common::fs::read_text(&list).unwrap();
    let lie = text.replacen(&text[..8], "00000000", 1);
    let manifest = scene.project.join("dist/manifest.json");
    let frozen = common::fs::read_text(&manifest).unwrap();
    let sound = common::digest::sha256(text.as_bytes());
    // The list itself is as the manifest says; what it says of another file is not.
    let frozen = frozen.replace(&sound, &common::digest::sha256(lie.as_bytes()));
    common::fs::replace(&list, lie.as_bytes()).unwrap();
    common::fs::replace(&manifest, frozen.as_bytes()).unwrap();
    finds(&scene, "v1.0.0", 1, &["checksums_untrue"]);
}

#[test]
fn names_that_github_would_change_are_said_with_what_they_become() {
    let scene = Scene::new("v1.0.0");
    for name in ["dist/greet linux.tar.gz", "dist/.hidden"] {
        scene.project.write(name, "x\n");
    }
    let manifest = scene.project.join("dist/manifest.json");
    let text = common::fs::read_text(&manifest).unwrap();
    let sha256 = common::digest::sha256(b"x\n");
    let entry = |name: &str| {
        format!(r#"{{"name": "{name}", "kind": "other", "size": 2, "sha256": "{sha256}"}},"#)
    };
    let added = format!("\"artifacts\": [{}{}", entry(".hidden"), entry("greet linux.tar.gz"));
    common::fs::replace(&manifest, text.replace("\"artifacts\": [", &added).as_bytes()).unwrap();
    let document = finds(&scene, "v1.0.0", 1, &["asset_renamed", "asset_renamed"]);
    assert_eq!(document["findings"][0]["suggestion"], "name the file `default.hidden`");
    assert_eq!(document["findings"][1]["suggestion"], "name the file `greet.linux.tar.gz`");
}

#[test]
fn a_burned_tag_may_be_suspected_and_is_explained_when_it_is_refused() {
    let scene = Scene::new("v1.0.0");
    scene.stand_ins.knobs(|knobs| {
        knobs.github.immutable.insert("acme/greet".into());
    });
    gh_release(&scene, "publish v1.0.0").run().code(0);
    // Somebody deletes the immutable release by hand; its tag stays.
    let token = scene.stand_ins.environment()[0].1.clone();
    let api = scene.stand_ins.overlay()["tools"]["gh-release"]["config"]["base_url"].clone();
    let requests = scene.stand_ins.requests();
    let release = requests.iter().rfind(|request| request.method == "PATCH").unwrap().path.clone();
    let delete =
        format!("curl -sf -X DELETE -A test -H @- {}{}", api.as_str().unwrap(), &release[1..]);
    let shell = common::sh::shell_in(scene.project.path()).unwrap();
    let header = format!("Authorization: Bearer {token}");
    let command = common::sh::cmd!(shell, "sh -c {delete}");
    let soon = std::time::Duration::from_secs(20);
    common::sh::output_with_input(command, header.as_bytes(), soon).unwrap();
    let ran = gh_release(&scene, "check v1.0.0 --json").run().code(0);
    assert_eq!(ran.json()["findings"][0]["code"], "unknown_tag_burned");
    let ran = gh_release(&scene, "publish v1.0.0").run().code(1);
    assert!(
        ran.stderr.ends_with(
            "hint: an immutable release used this tag up for good: release the next version\n"
        ),
        "{}",
        ran.stderr
    );
}
