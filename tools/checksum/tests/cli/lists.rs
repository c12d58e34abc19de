//! `checksum verify` and `checksum merge`: lists compared with files, and with each other.

use serde_json::json;

use crate::scene::Scene;

fn frozen() -> Scene {
    let scene = Scene::with(&[
        ("dist/greet_linux_amd64.tar.gz", "one\n"),
        ("dist/greet_windows_amd64.zip", "two\n"),
        ("dist/sub/greet_darwin_arm64.tar.gz", "three\n"),
    ]);
    assert_eq!(scene.run(&["create", "v1.0.0"]).code, Some(0));
    scene
}

#[test]
fn a_sound_folder_is_verified() {
    let scene = frozen();
    let run = scene.run(&["verify"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(run.stderr, "checksum: 7 digests agree\n");
}

#[test]
fn what_is_missing_changed_or_too_much_is_told_at_once_with_code_3() {
    let scene = frozen();
    scene.write("dist/greet_linux_amd64.tar.gz", "other\n");
    scene.write("dist/surprise.txt", "x");
    scene.shell("rm dist/greet_windows_amd64.zip");
    let run = scene.run(&["verify"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""));
    assert_eq!(
        run.stderr,
        "checksum: error: 3 of the files are not what they should be:
  - `greet_linux_amd64.tar.gz`: its sha256 is 7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87, not 2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806
  - `greet_windows_amd64.zip`: it is missing
  - `surprise.txt`: it is not in the manifest
hint: if they were staged or published already, fetch them again: checksum restore v1.0.0 --dist FOLDER\n"
    );
    let document = scene.run(&["verify", "--json"]).document();
    let verdicts: Vec<(&str, &str)> = document["verdicts"]
        .as_array()
        .expect("verdicts")
        .iter()
        .map(|one| (one["name"].as_str().expect("name"), one["verdict"].as_str().expect("word")))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("checksums.txt", "same"),
            ("greet_darwin_arm64.tar.gz", "same"),
            ("greet_linux_amd64.tar.gz", "differs"),
            ("greet_windows_amd64.zip", "missing"),
            ("surprise.txt", "differs"),
        ]
    );
}

#[test]
fn a_damaged_list_of_digests_is_found_although_the_manifest_is_sound() {
    let scene = frozen();
    let text = scene.read("dist/checksums.txt");
    scene.write("dist/checksums.txt", &text.replace("2c8b", "2c8c"));
    let run = scene.run(&["verify"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr.contains("`greet_linux_amd64.tar.gz`: its sha256 is 2c8b"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("`checksums.txt`: its sha256 is"), "{}", run.stderr);
}

#[test]
fn lists_made_by_coreutils_are_read_with_odd_names_and_both_algorithms() {
    let scene = Scene::bare();
    scene.write("got/with\\backslash", "x");
    scene.write("got/with\nnewline", "y");
    scene.write("got/plain", "z");
    scene.shell(
        "cd got && sha256sum -- * > ../SUMS && sha512sum --tag plain >> ../SUMS && mv ../SUMS .",
    );
    let run = scene.run(&["verify", "got/SUMS"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "checksum: 4 digests agree\n"));
    scene.write("got/with\nnewline", "other");
    let run = scene.run(&["verify", "got/SUMS"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("`with\\nnewline`: its sha256 is"), "{}", run.stderr);
}

#[test]
fn what_is_no_list_is_refused() {
    let scene = Scene::bare();
    let none = scene.run(&["verify"]);
    assert_eq!(none.code, Some(1));
    scene.write("dist/checksums.txt", "not a digest\n");
    let run = scene.run(&["verify"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "checksum: error: `dist/checksums.txt` is no list of digests\n  \
         caused by: line 1 is not `<digest>  <name>`\n"
    );
    scene.write("dist/manifest.json", "{\"schema\": 1}");
    assert_ne!(scene.run(&["verify"]).code, Some(0));
}

/// Two build machines with a file in common.
fn machines() -> Scene {
    let scene = Scene::with(&[
        ("linux/greet_linux_amd64.tar.gz", "one\n"),
        ("linux/LICENSE", "mit\n"),
        ("mac/greet_darwin_arm64.tar.gz", "two\n"),
        ("mac/LICENSE", "mit\n"),
    ]);
    for machine in ["linux", "mac"] {
        assert_eq!(scene.run(&["create", "v1.0.0", "--dist", machine]).code, Some(0));
    }
    scene
}

#[test]
fn manifests_of_several_machines_become_one_in_any_order() {
    let scene = machines();
    let dry = scene.run(&["merge", "linux", "mac", "--output", "out", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(!scene.path("out").exists());
    let run = scene.run(&["merge", "linux", "mac/manifest.json", "--output", "out"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "out/manifest.json\n"), "{run:?}");
    assert_eq!(
        scene.files("out"),
        [
            "LICENSE",
            "checksums.txt",
            "greet_darwin_arm64.tar.gz",
            "greet_linux_amd64.tar.gz",
            "manifest.json"
        ]
    );
    assert_eq!(scene.run(&["verify", "--dist", "out"]).code, Some(0));
    let again = scene.run(&["merge", "mac", "linux", "--output", "out", "--json"]);
    assert_eq!(again.document()["status"], "unchanged", "{again:?}");
    let other = scene.run(&["merge", "mac", "linux", "--output", "other"]);
    assert_eq!(other.code, Some(0));
    assert_eq!(scene.read("other/manifest.json"), scene.read("out/manifest.json"));
    // What was merged is what one machine with all files would have frozen.
    scene.shell("mkdir all && cp linux/greet* linux/LICENSE mac/greet* all");
    assert_eq!(scene.run(&["create", "v1.0.0", "--dist", "all"]).code, Some(0));
    assert_eq!(scene.read("all/manifest.json"), scene.read("out/manifest.json"));
}

#[test]
fn one_name_with_two_contents_another_tag_and_damage_are_refused_together() {
    let scene = machines();
    scene.write("third/LICENSE", "gpl\n");
    scene.write("third/x_linux_arm64.zip", "x\n");
    let commit = "b".repeat(40);
    let run = scene.run(&["create", "v1.0.1", "--dist", "third", "--commit", &commit]);
    assert_eq!(run.code, Some(0), "{run:?}");
    scene.write("mac/greet_darwin_arm64.tar.gz", "damaged\n");
    let run = scene.run(&["merge", "linux", "mac", "third", "--output", "out", "--json"]);
    assert_eq!(run.code, Some(1));
    let document = run.document();
    let said: Vec<&str> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["message"].as_str().expect("a message"))
        .collect();
    assert_eq!(said[0], "`linux` is of v1.0.0, `third` of v1.0.1");
    assert!(said[1].starts_with("`linux` was built from"), "{said:?}");
    assert!(said[2].starts_with("`linux/LICENSE` has sha256"), "{said:?}");
    assert!(said[3].starts_with("`mac/greet_darwin_arm64.tar.gz` has sha256"), "{said:?}");
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(!scene.path("out").exists());
    assert_eq!(document["error"]["kind"], json!("refused"));
}

#[test]
fn a_merge_replaces_neither_a_file_nor_a_manifest() {
    let scene = machines();
    scene.write("out/LICENSE", "mine\n");
    let run = scene.run(&["merge", "linux", "mac", "--output", "out"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("`out/LICENSE` is there already with other bytes"),
        "{}",
        run.stderr
    );
    assert_eq!(scene.files("out"), ["LICENSE"]);
    let into = scene.run(&["merge", "linux", "mac", "--output", "linux"]);
    assert_eq!(into.code, Some(1));
    assert!(into.stderr.contains("refusing to replace the frozen manifest"), "{}", into.stderr);
}
