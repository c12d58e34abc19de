//! `checksum restore`: a shell script stands for the channel's tool, by the contract alone.

use crate::scene::Scene;

/// A tool that gives back what lies in `store`, and writes down what it was asked with which environment.
const TOOL: &str = r#"#!/bin/sh
set -eu
case "$1" in
describe)
  echo '{"schema":1,"tool":"keeper","version":"1","channel":"mine","verbs":["publish","restore"],"stage":"remote","priority":5,"secrets":[{"variable":"KEEPER_TOKEN","purpose":"read","made_at":"here"}]}'
  ;;
restore)
  echo "$*" > asked; env | sort > environment
  test ! -e busy || { echo '{"schema":1,"tool":"keeper","version":"1","verb":"restore","dry_run":false,"status":"failed","error":{"kind":"temporary","message":"the keeper is busy"}}'; exit 75; }
  while [ "$1" != --dist ]; do shift; done
  cp -R store/. "$2"
  ;;
esac
"#;

/// A release that was frozen, kept by the tool, and lost here.
fn lost() -> Scene {
    let scene = Scene::with(&[
        ("dist/greet_linux_amd64.tar.gz", "one\n"),
        ("dist/sub/greet_darwin_arm64.tar.gz", "two\n"),
        ("keeper", TOOL),
        (
            "distribution.json",
            r#"{"publishers": {"mine": {"tool": "./keeper", "config": {"token": "${OTHER}"}}}}"#,
        ),
    ]);
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    scene.shell(
        "chmod +x keeper && mkdir store && cp -R dist/. store && rm -rf store/.locks && rm -r dist",
    );
    scene
}

#[test]
fn manifest_and_artifacts_come_back_byte_for_byte_and_a_second_time_nothing_changes() {
    let scene = lost();
    let dry = scene.run(&["restore", "v1.0.0", "--dry-run"]);
    assert_eq!(
        (dry.code, dry.stderr.as_str()),
        (Some(0), "checksum: would ask `mine` for v1.0.0\n")
    );
    assert!(!scene.path("dist").exists());

    let run = scene.run(&["restore", "v1.0.0"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "dist/manifest.json\n"), "{run:?}");
    assert_eq!(
        run.stderr,
        "checksum: asking `mine` for v1.0.0\nchecksum: 3 files of v1.0.0 are in `dist`\n"
    );
    assert_eq!(scene.files("dist"), scene.files("store"));
    assert_eq!(scene.read("dist/manifest.json"), scene.read("store/manifest.json"));
    assert_eq!(scene.run(&["verify"]).code, Some(0));
    let asked = scene.read("asked");
    assert!(asked.starts_with("restore v1.0.0 --json --channel mine --dist "), "{asked}");
    assert!(asked.ends_with(" --config distribution.json\n"), "{asked}");

    let again = scene.run(&["restore", "v1.0.0", "--json"]);
    assert_eq!(again.document()["status"], "unchanged", "{again:?}");
}

#[test]
fn files_kept_flat_by_name_find_their_folder_again() {
    let scene = lost();
    scene.shell("mv store/sub/* store && rmdir store/sub");
    assert_eq!(scene.run(&["restore", "v1.0.0"]).code, Some(0));
    assert_eq!(scene.read("dist/sub/greet_darwin_arm64.tar.gz"), "two\n");
}

#[test]
fn the_tool_gets_its_own_variables_and_no_others() {
    let scene = lost();
    let variables = [("KEEPER_TOKEN", "a"), ("OTHER", "b"), ("PYPI_TOKEN", "c")];
    assert_eq!(scene.run_with(&["restore", "v1.0.0"], &variables).code, Some(0));
    let environment = scene.read("environment");
    assert!(
        environment.contains("KEEPER_TOKEN=a\n") && environment.contains("OTHER=b\n"),
        "{environment}"
    );
    assert!(!environment.contains("PYPI_TOKEN"), "{environment}");
}

#[test]
fn other_bytes_are_refused_whether_they_come_back_or_are_there() {
    let scene = lost();
    scene.write("store/greet_linux_amd64.tar.gz", "forged\n");
    scene.write("dist/sub/greet_darwin_arm64.tar.gz", "mine\n");
    let run = scene.run(&["restore", "v1.0.0"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("`greet_linux_amd64.tar.gz` came back with sha256"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("`dist/sub/greet_darwin_arm64.tar.gz` is there with other bytes"),
        "{}",
        run.stderr
    );
    assert_eq!(scene.files("dist"), ["sub/greet_darwin_arm64.tar.gz"]);
}

#[test]
fn a_busy_channel_is_temporary_and_none_is_refused() {
    let scene = lost();
    scene.write("busy", "");
    let run = scene.run(&["restore", "v1.0.0"]);
    assert_eq!(run.code, Some(75), "{run:?}");
    assert!(run.stderr.contains("caused by: the keeper is busy"), "{}", run.stderr);
    scene.write("distribution.json", r#"{"publishers": {"mine": {"tool": "./none"}}}"#);
    let run = scene.run(&["restore", "v1.0.0"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("no enabled channel can restore a release"), "{}", run.stderr);
}

#[test]
fn a_manifest_of_another_release_is_not_taken() {
    let scene = lost();
    let run = scene.run(&["restore", "v1.0.1"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("is of v1.0.0, not of v1.0.1"), "{}", run.stderr);
    assert!(scene.files("dist").is_empty());
}
