//! `checksum create`: three runs, every refusal, the same bytes whatever the order.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use proptest::prelude::*;
use serde_json::json;

use crate::scene::Scene;

const FILES: &[(&str, &str)] = &[
    ("dist/greet_1.0.0_linux_amd64.tar.gz", "one\n"),
    ("dist/greet_1.0.0_windows_arm64.zip", "two\n"),
    ("dist/greet-1.0.0-py3-none-any.whl", "three\n"),
];

const CHECKSUMS: &str = "\
f6936912184481f5edd4c304ce27c5a1a827804fc7f329f43d273b8621870776  greet-1.0.0-py3-none-any.whl
2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806  greet_1.0.0_linux_amd64.tar.gz
27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a  greet_1.0.0_windows_arm64.zip
";

fn manifest(commit: &str) -> String {
    format!(
        r#"{{
  "schema": 1,
  "tag": "v1.0.0",
  "commit": "{commit}",
  "artifacts": [
    {{
      "name": "checksums.txt",
      "kind": "checksums",
      "size": 288,
      "sha256": "{CHECKSUMS_SHA256}"
    }},
    {{
      "name": "greet-1.0.0-py3-none-any.whl",
      "kind": "wheel",
      "size": 6,
      "sha256": "f6936912184481f5edd4c304ce27c5a1a827804fc7f329f43d273b8621870776"
    }},
    {{
      "name": "greet_1.0.0_linux_amd64.tar.gz",
      "kind": "archive",
      "target": {{
        "os": "linux",
        "arch": "amd64"
      }},
      "size": 4,
      "sha256": "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806"
    }},
    {{
      "name": "greet_1.0.0_windows_arm64.zip",
      "kind": "archive",
      "target": {{
        "os": "windows",
        "arch": "arm64"
      }},
      "size": 4,
      "sha256": "27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a"
    }}
  ]
}}
"#
    )
}

const CHECKSUMS_SHA256: &str = "06955974f0fcde916714762a816f09651b82d15b680928fc1ff3c3d75924c07d";

#[test]
fn a_dry_run_writes_nothing_a_real_one_freezes_and_another_changes_nothing() {
    let scene = Scene::with(FILES);
    let before = scene.files("dist");

    let dry = scene.run(&["create", "v1.0.0", "--dry-run"]);
    assert_eq!((dry.code, dry.stdout.as_str()), (Some(0), "dist/manifest.json\n"));
    assert_eq!(
        dry.stderr,
        "checksum: would write `dist/checksums.txt`\n\
         checksum: would freeze 4 files in `dist/manifest.json`\n"
    );
    assert_eq!(scene.files("dist"), before);
    assert!(!scene.path("dist/.locks").exists());

    let real = scene.run(&["create", "v1.0.0"]);
    let commit = scene.commit();
    assert_eq!((real.code, real.stdout.as_str()), (Some(0), "dist/manifest.json\n"));
    assert_eq!(
        real.stderr,
        format!(
            "checksum: froze 4 files (302 B) of v1.0.0 at commit {} in `dist/manifest.json`\n",
            &commit[..12]
        )
    );
    assert_eq!(scene.read("dist/checksums.txt"), CHECKSUMS);
    assert_eq!(scene.read("dist/manifest.json"), manifest(&commit));
    let after = scene.files("dist");

    let again = scene.run(&["create", "v1.0.0", "--json"]);
    assert_eq!(again.code, Some(0));
    assert_eq!(
        again.stderr,
        "checksum: `dist/manifest.json` is frozen already, with the same files\n"
    );
    let document = again.document();
    assert_eq!(document["status"], "unchanged");
    assert_eq!(
        document["items"][2],
        json!({"name": "greet_1.0.0_linux_amd64.tar.gz", "action": "unchanged", "size": 4,
               "sha256": "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806"})
    );
    assert_eq!(scene.files("dist"), after);
    assert_eq!(scene.read("dist/manifest.json"), manifest(&commit));
}

#[test]
fn a_lost_or_damaged_checksums_file_is_written_again() {
    let scene = Scene::with(FILES);
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    scene.write("dist/checksums.txt", "garbage");
    assert_eq!(scene.run(&["create", "v1.0.0", "--json"]).document()["status"], "done");
    assert_eq!(scene.read("dist/checksums.txt"), CHECKSUMS);
}

#[test]
fn coreutils_accepts_what_was_written_for_odd_names_too() {
    let scene = Scene::with(FILES);
    for name in
        ["with space.txt", "-dash.txt", "*star.txt", "quote'\".txt", "grüße-世界.txt", "#hash.txt"]
    {
        scene.write(&format!("dist/{name}"), name);
    }
    for (algorithm, checker) in [("sha256", "sha256sum"), ("sha512", "sha512sum")] {
        assert_eq!(scene.run(&["create", "v1.0.0", "--algorithm", algorithm]).code, Some(0));
        let said = scene.shell(&format!("cd dist && {checker} --strict --check checksums.txt"));
        assert_eq!(said.lines().count(), 9, "{said}");
        assert!(said.lines().all(|line| line.ends_with(": OK")), "{said}");
        scene.shell("rm dist/manifest.json");
    }
}

#[test]
fn a_frozen_manifest_is_not_replaced_and_every_difference_is_named() {
    let scene = Scene::with(FILES);
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    let frozen = scene.read("dist/manifest.json");
    scene.write("dist/greet_1.0.0_linux_amd64.tar.gz", "other\n");
    scene.write("dist/greet_1.0.0_darwin_arm64.tar.gz", "new\n");
    scene.shell("rm dist/*.whl");

    let run = scene.run(&["create", "v1.0.0"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        run.stderr,
        "checksum: error: refusing to replace the frozen manifest `dist/manifest.json` of v1.0.0:
  - `greet-1.0.0-py3-none-any.whl` is in it and no longer there
  - `greet_1.0.0_linux_amd64.tar.gz` has sha256 2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806 in it and 7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87 now
  - `greet_1.0.0_darwin_arm64.tar.gz` is there and not in it (sha256 7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c)
hint: while nothing of v1.0.0 is public: channels rollback v1.0.0, then this command again; once it is public its bytes are fixed: release the next version\n"
    );
    assert_eq!(scene.read("dist/manifest.json"), frozen);
    assert_eq!(scene.read("dist/checksums.txt"), CHECKSUMS);

    let next = scene.run(&["create", "v1.1.0"]);
    assert_eq!(next.code, Some(1));
    assert!(next.stderr.contains("it is the manifest of v1.0.0, not of v1.1.0"), "{}", next.stderr);
}

#[test]
fn everything_wrong_is_refused_at_once_and_nothing_is_written() {
    let scene = Scene::with(FILES);
    scene.write("dist/empty.zip", "");
    scene.write("dist/a/twice.zip", "1");
    scene.write("dist/b/twice.zip", "1");
    scene.write("dist/tab\there.txt", "x");
    scene.write("dist/sub/manifest.json", "{}");
    scene.write("outside.txt", "x");
    symlink("../outside.txt", scene.path("dist/leaves.txt")).expect("linked");
    symlink("nowhere", scene.path("dist/broken.txt")).expect("linked");
    let latin = std::ffi::OsStr::from_bytes(b"latin-\xe9.txt");
    File::create(scene.path("dist").join(latin)).expect("created");
    scene.shell("mkfifo dist/pipe");
    let before = scene.files("dist");

    let run = scene.run(&["create", "v1.0", "--json"]);
    assert_eq!(run.code, Some(1));
    let document = run.document();
    let said: Vec<&str> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["message"].as_str().expect("a message"))
        .collect();
    assert_eq!(
        said[1..],
        [
            "`dist/broken.txt` is a link to nothing",
            "`dist/latin-\u{fffd}.txt` has a name that is not UTF-8",
            "`dist/leaves.txt` is a link that leaves its folder",
            "`dist/pipe` is no regular file",
            "`dist/sub/manifest.json` has a name that checksum itself writes",
            "`dist/tab\\there.txt` has a control character in its name",
            "`dist/empty.zip` is empty",
            "`dist/a/twice.zip` and `dist/b/twice.zip` would be published under one name",
        ]
    );
    assert!(said[0].starts_with("invalid tag `v1.0`"), "{}", said[0]);
    assert!(said[0].ends_with("write `v1.0.0`"), "{}", said[0]);
    assert_eq!(document["status"], "failed");
    assert_eq!(scene.files("dist"), before);
}

#[test]
fn nothing_to_release_is_refused() {
    let scene = Scene::tagged();
    let missing = scene.run(&["create", "v1.0.0"]);
    assert_eq!(missing.code, Some(1));
    assert_eq!(
        missing.stderr,
        "checksum: error: there is no folder `dist`\n\
         hint: build first, or name the folder of built files with --dist\n"
    );
    scene.write("dist/.hidden", "x");
    scene.write("dist/receipts/v1.0.0/github.json", "{}");
    scene.write("dist/derived/notes.md", "x");
    let empty = scene.run(&["create", "v1.0.0"]);
    assert_eq!(empty.code, Some(1));
    assert!(empty.stderr.contains("there is no file to release"), "{}", empty.stderr);
}

#[test]
fn an_invalid_tag_alone_says_how_it_should_look() {
    let scene = Scene::with(FILES);
    for (tag, look) in [("v1.2", "write `v1.2.0`"), ("1.0.0.0", "write `v1.0.0`")] {
        let run = scene.run(&["create", tag]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(look), "{}", run.stderr);
    }
}

#[test]
fn links_inside_the_folder_are_files_like_any_other() {
    let scene = Scene::with(FILES);
    scene.write("dist/sub/real.txt", "x\n");
    symlink("sub/real.txt", scene.path("dist/alias.txt")).expect("linked");
    symlink("sub", scene.path("dist/again")).expect("linked");
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    let manifest = scene.read("dist/manifest.json");
    assert!(manifest.contains("\"alias.txt\""), "{manifest}");
    assert_eq!(manifest.matches("real.txt\"").count(), 2, "{manifest}");
}

#[test]
fn files_from_elsewhere_are_brought_into_the_folder() {
    let scene = Scene::with(FILES);
    scene.write("target/wheels/greet-1.0.0-py3-none-win_amd64.whl", "wheel\n");
    let arguments = ["create", "v1.0.0", "dist", "target/wheels"];
    let dry = scene.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(dry.stderr.starts_with("checksum: would bring `target/wheels/"), "{}", dry.stderr);
    assert_eq!(scene.run(&arguments).code, Some(0));
    assert_eq!(scene.read("dist/greet-1.0.0-py3-none-win_amd64.whl"), "wheel\n");
    let again = scene.run(&[&arguments[..], &["--json"]].concat());
    assert_eq!(again.document()["status"], "unchanged", "{again:?}");
    assert_eq!(scene.run(&["create", "v1.0.0", "--json"]).document()["status"], "unchanged");

    scene.write("elsewhere/greet_1.0.0_linux_amd64.tar.gz", "other\n");
    let run = scene.run(&["create", "v1.0.0", "elsewhere", "--dist", "dist"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(scene.read("dist/greet_1.0.0_linux_amd64.tar.gz"), "one\n");
}

#[test]
fn what_a_name_does_not_say_is_reported_and_can_be_said_by_hand() {
    let scene = Scene::with(&[("dist/k3s-arm64", "one\n"), ("dist/mystery.bin", "two\n")]);
    let first = scene.run(&["create", "v1.0.0", "--dry-run"]);
    assert!(
        first.stderr.starts_with(
            "checksum: warning: `k3s-arm64` is listed as binary without a platform: no operating system in its \
             name; set `artifacts.\"k3s-arm64\"` in the configuration\n\
             checksum: warning: `mystery.bin` is listed as other: its ending is not known; \
             set `artifacts.\"mystery.bin\"` in the configuration\n"
        ),
        "{}",
        first.stderr
    );
    scene.write(
        "distribution.json",
        r#"{"artifacts": {"k3s-*": {"os": "linux"}, "mystery.bin": {"exclude": true}, "nothing": {"os": "x"}}}"#,
    );
    let second = scene.run(&["create", "v1.0.0", "--json"]);
    assert_eq!(
        second.document()["notes"],
        json!(["`artifacts.nothing` in the configuration matches no file"])
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&scene.read("dist/manifest.json")).expect("JSON");
    assert_eq!(manifest["artifacts"].as_array().expect("a list").len(), 2);
    assert_eq!(manifest["artifacts"][1]["target"], json!({"os": "linux", "arch": "arm64"}));
    assert_eq!(scene.run(&["verify"]).code, Some(0));
}

#[test]
fn source_distributions_and_npm_packages_are_told_by_their_content() {
    let scene = Scene::tagged();
    scene.shell(
        "mkdir -p dist greet-1.0.0 package other-1.0.0
         touch greet-1.0.0/PKG-INFO greet-1.0.0/setup.py package/package.json other-1.0.0/Makefile
         tar czf dist/greet-1.0.0.tar.gz greet-1.0.0
         tar czf dist/greet-linux-x64-1.0.0.tgz package
         tar czf dist/other-1.0.0.tar.gz other-1.0.0
         echo broken > dist/broken-1.0.0.tar.gz",
    );
    let run = scene.run(&["create", "v1.0.0", "--json"]);
    let notes = run.document()["notes"].as_array().expect("notes").len();
    assert_eq!(notes, 2, "{run:?}");
    let manifest: serde_json::Value =
        serde_json::from_str(&scene.read("dist/manifest.json")).expect("JSON");
    let kinds: Vec<(&str, &str)> = manifest["artifacts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["name"].as_str().expect("a name"), one["kind"].as_str().expect("a kind")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("broken-1.0.0.tar.gz", "archive"),
            ("checksums.txt", "checksums"),
            ("greet-1.0.0.tar.gz", "sdist"),
            ("greet-linux-x64-1.0.0.tgz", "package"),
            ("other-1.0.0.tar.gz", "archive"),
        ]
    );
}

#[test]
fn goreleaser_s_own_list_wins_and_what_it_names_must_exist() {
    let scene = Scene::with(FILES);
    scene.write("dist/build_linux/greet", "binary\n");
    scene.write("dist/config.yaml", "project_name: greet\n");
    scene.write("dist/metadata.json", "{}\n");
    let entry = |name: &str, path: &str, kind: &str, number: u8| {
        json!({"name": name, "path": path, "goos": "freebsd", "goarch": "amd64", "goamd64": "v3",
               "internal_type": number, "type": kind})
    };
    let list = json!([
        entry(
            "greet_1.0.0_linux_amd64.tar.gz",
            "dist/greet_1.0.0_linux_amd64.tar.gz",
            "Archive",
            1
        ),
        entry("greet", "dist/build_linux/greet", "Binary", 4),
    ]);
    scene.write("dist/artifacts.json", &list.to_string());
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    let text = scene.read("dist/manifest.json");
    assert!(text.contains("\"os\": \"freebsd\"") && text.contains("\"variant\": \"v3\""), "{text}");
    assert!(!text.contains("config.yaml") && !text.contains("build_linux"), "{text}");

    let list = json!([entry("gone.zip", "dist/gone.zip", "Archive", 1)]);
    scene.write("dist/artifacts.json", &list.to_string());
    let run = scene.run(&["create", "v1.0.0"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("`gone.zip` is named by `artifacts.json` but does not exist"),
        "{}",
        run.stderr
    );
}

#[test]
fn without_a_tag_the_manifest_names_head_and_without_a_commit_it_is_refused() {
    let scene = Scene::with(FILES);
    scene.shell("git tag -d v1.0.0 >/dev/null");
    let run = scene.run(&["create", "v1.0.0"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("the tag v1.0.0 does not exist here yet"), "{}", run.stderr);
    assert_eq!(scene.read("dist/manifest.json"), manifest(&scene.commit()));

    let bare = Scene::bare();
    bare.write("dist/greet_linux_amd64.zip", "x");
    let run = bare.run(&["create", "v1.0.0"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.ends_with("hint: name it with --commit SHA\n"), "{}", run.stderr);
    let named = bare.run(&["create", "v1.0.0", "--commit", &"a".repeat(40)]);
    assert_eq!(named.code, Some(0), "{named:?}");
    let wrong = bare.run(&["create", "v1.0.0", "--commit", "HEAD"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn two_at_once_wait_for_each_other_and_then_name_the_holder() {
    let scene = Scene::with(FILES);
    let _held = common::lock::take(&scene.path("dist"), "checksum", std::time::Duration::ZERO)
        .expect("the lock");
    let run = scene.run(&["create", "v1.0.0"]);
    assert_eq!(run.code, Some(75));
    let holder = format!("`dist/.locks/checksum` is held by process {}", std::process::id());
    assert!(run.stderr.contains(&holder), "{}", run.stderr);
    assert!(!scene.path("dist/manifest.json").exists());
}

#[test]
fn many_runs_at_once_leave_one_manifest() {
    let scene = Scene::with(FILES);
    let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..6).map(|_| scope.spawn(|| scene.run(&["create", "v1.0.0"]).code)).collect();
        runs.into_iter().map(|run| run.join().expect("no panic")).collect()
    });
    assert_eq!(codes, [Some(0); 6]);
    assert_eq!(scene.read("dist/manifest.json"), manifest(&scene.commit()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_arguments_and_of_creation_changes_no_byte(
        order in Just((0..FILES.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let scene = Scene::tagged();
        for &index in &order {
            scene.write(FILES[index].0, FILES[index].1);
        }
        let names: Vec<&str> = order.iter().rev().map(|&index| FILES[index].0).collect();
        let run = scene.run(&[&["create", "v1.0.0"], names.as_slice()].concat());
        prop_assert_eq!(run.code, Some(0), "{:?}", run);
        prop_assert_eq!(scene.read("dist/manifest.json"), manifest(&scene.commit()));
    }
}
