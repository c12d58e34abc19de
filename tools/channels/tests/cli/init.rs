//! `channels init`: golden files of what it writes, and what it leaves alone.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Project;

fn git(project: &Project, arguments: &[&str]) {
    #[expect(clippy::disallowed_methods, reason = "the scene of the test")]
    let mut command = std::process::Command::new("git");
    let status = command.args(arguments).current_dir(project.path("")).status().unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// A project with a built `dist/`, and `gh-release` beside `channels`.
fn built() -> Project {
    let project = Project::new();
    let described = r#"{"secrets": [{"variable": "GITHUB_TOKEN", "purpose": "contents: write on the repository", "made_at": "GitHub: Settings"}]}"#;
    Project::script(&project.beside("gh-release"), &format!("#!/bin/sh\necho '{described}'\n"));
    for name in ["greet_1.0.0_linux_amd64.tar.gz", "greet_1.0.0_windows_amd64.zip"] {
        project.write(&format!("dist/{name}"), "bytes");
    }
    project
}

#[test]
fn the_files_of_a_project_with_a_remote_are_these() {
    let project = built();
    git(&project, &["init", "--quiet"]);
    git(&project, &["remote", "add", "origin", "git@github.com:acme/greet.git"]);
    Project::script(&project.beside("gomod-publish"), "#!/bin/sh\nexit 2\n");
    Project::script(&project.beside("brew-bump"), "#!/bin/sh\nexit 2\n");
    project.write("go.mod", "module github.com/acme/greet\n\ngo 1.22\n");
    let ran = project.channels(&["init"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "GITHUB_TOKEN\n"));
    assert_eq!(
        ran.stderr,
        "channels: wrote distribution.json\n\
         channels: wrote release.just\n\
         channels: wrote scripts/release\n\
         channels: wrote Justfile\n\
         channels: wrote .gitignore\n\
         channels: the repository is acme/greet, as the remote `origin` says\n\
         channels: `GITHUB_TOKEN` is not set: contents: write on the repository; make one at GitHub: Settings\n\
         channels: next, with no account and no network: just rehearse v0.1.0\n"
    );
    let golden = include_str!("../data/init/distribution.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/init/distribution.json");
        common::fs::replace(path.as_ref(), project.read("distribution.json").as_bytes()).unwrap();
    } else {
        assert_eq!(project.read("distribution.json"), golden);
    }
    assert_eq!(project.read("release.just"), include_str!("../../../../scripts/release.just"));
    assert_eq!(project.read("scripts/release"), include_str!("../../../../scripts/release"));
    assert_eq!(
        project.read("Justfile"),
        "import 'release.just'\n\n# List the recipes\n[private]\ndefault:\n    @just --list --unsorted\n"
    );
    assert_eq!(project.read(".gitignore"), "dist/\n");
    let mode = project.path("scripts/release").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);

    let again = project.channels(&["init", "--json"]);
    assert_eq!((again.code, again.json()["status"].as_str()), (0, Some("unchanged")));
    assert_eq!(project.channels(&["check", "v0.1.0", "--only", "github", "--dry-run"]).code, 1);
}

#[test]
fn what_is_there_stays_unless_force_says_otherwise() {
    let mut project = built();
    project.set("GITHUB_TOKEN", "set-already");
    project.write(
        "distribution.json",
        "{\"publishers\": {\"github\": {\"config\": {\"owner\": \"me\"}}}}",
    );
    project.write("Justfile", "build:\n    make\n");
    project.write(".gitignore", "target");
    let ran = project.channels(&["init", "--owner", "acme", "--repo", "greet"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert_eq!(
        ran.stderr,
        "channels: left as it is: distribution.json\n\
         channels: wrote release.just\n\
         channels: wrote scripts/release\n\
         channels: left as it is: Justfile\n\
         channels: changed .gitignore\n\
         channels: add to your Justfile: import 'release.just'\n\
         channels: next, with no account and no network: just rehearse v0.1.0\n"
    );
    assert_eq!(project.read("Justfile"), "build:\n    make\n");
    assert_eq!(project.read(".gitignore"), "target\ndist/\n");
    project.channels(&["init", "--owner", "acme", "--repo", "greet", "--force"]);
    assert!(project.read("distribution.json").contains("\"owner\": \"acme\""));
}

#[test]
fn an_empty_repository_gets_names_that_are_said_to_be_a_guess() {
    let project = built();
    git(&project, &["init", "--quiet"]);
    let ran = project.channels(&["init"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the repository tester/work is a guess: correct `owner` and `repo`, or say them with --owner and --repo\n"),
        "{}",
        ran.stderr
    );
    assert!(
        project
            .read("distribution.json")
            .contains("\"owner\": \"tester\",\n        \"repo\": \"work\"")
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = built();
    let ran = project.channels(&["init", "--dry-run", "--json"]);
    assert_eq!((ran.code, ran.json()["status"].as_str()), (0, Some("planned")));
    assert!(!project.path("distribution.json").exists() && !project.path("release.just").exists());
}
