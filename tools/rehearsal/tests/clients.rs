//! Real clients against the stand-ins: what a stand-in claims to be is shown, not said.
//! A client that is not installed is named and passed over on a laptop, and a failure where `CI=true`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what was not run is said")]

mod scene;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::sh::{self, Shell, cmd};
use scene::Scene;
use serde_json::json;

const SOON: Duration = Duration::from_secs(120);

/// Says that a client is missing; where everything must be tested, that is a failure.
#[track_caller]
fn missing(client: &str) {
    let strict = std::env::vars().any(|(name, value)| name == "CI" && value == "true");
    assert!(!strict, "{client} is not installed");
    println!("not run: {client} is not installed");
}

fn is_there(program: &str) -> bool {
    let shell = Shell::new().unwrap();
    sh::output(cmd!(shell, "{program} --version"), SOON).is_ok_and(|out| out.status.success())
}

/// A shell with a home of its own, in a folder beside the state.
fn shell(scene: &Scene) -> Shell {
    let home = scene.dir.path().join("home");
    std::fs::create_dir_all(&home).unwrap();
    let shell = sh::shell_in(&home).unwrap();
    shell.set_var("HOME", &home);
    shell.set_var("XDG_CONFIG_HOME", home.join("config"));
    shell.set_var("GH_TOKEN", scene.token("github-write"));
    shell.set_var("GH_PROMPT_DISABLED", "1");
    shell.set_var("GH_NO_UPDATE_NOTIFIER", "1");
    shell
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    common::fs::replace(&path, bytes).unwrap();
    path
}

#[test]
fn gh_takes_a_release_through_its_whole_life() {
    if !is_there("gh") {
        return missing("gh");
    }
    let scene = Scene::new();
    let shell = shell(&scene);
    let home = shell.current_dir();
    let socket = scene.socket();
    sh::read(cmd!(shell, "gh config set http_unix_socket {socket}"), SOON).unwrap();
    let gh = |arguments: &[&str]| {
        sh::read(cmd!(shell, "gh release {arguments...} -R acme/greet"), SOON).unwrap()
    };
    let big: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 4]).collect();
    let one = write(&home, "greet_linux.tar.gz", &big).to_string_lossy().into_owned();
    let two = write(&home, "greet.zip", b"zip").to_string_lossy().into_owned();

    let url = gh(&["create", "v1.0.0", "--title", "One", "--notes", "first notes", &one]);
    assert_eq!(url, "https://github.com/acme/greet/releases/tag/v1.0.0");
    gh(&["create", "v2.0.0", "--draft", "--notes", "later"]);
    gh(&["upload", "v1.0.0", &two]);

    let seen = gh(&["view", "v1.0.0", "--json", "name,body,isDraft,assets"]);
    let seen: serde_json::Value = serde_json::from_str(&seen).unwrap();
    assert_eq!((&seen["name"], &seen["isDraft"]), (&json!("One"), &json!(false)));
    assert_eq!(seen["assets"][0]["size"], big.len());
    assert_eq!(seen["assets"][1]["name"], "greet.zip");

    let list = gh(&["list"]);
    assert!(list.contains("One\tLatest\tv1.0.0"), "{list}");
    assert!(list.contains("\tDraft\tv2.0.0"), "{list}");

    gh(&["download", "v1.0.0", "--dir", "down"]);
    assert!(common::fs::read(&home.join("down/greet_linux.tar.gz")).unwrap() == big);
    assert_eq!(common::fs::read(&home.join("down/greet.zip")).unwrap(), b"zip");

    gh(&["edit", "v1.0.0", "--notes", "second notes"]);
    gh(&["edit", "v2.0.0", "--title", "Two"]);
    gh(&["delete-asset", "v1.0.0", "greet.zip", "--yes"]);
    let state = scene.stand_ins.github().unwrap();
    let releases = state["acme/greet"]["releases"].as_array().unwrap();
    let find = |tag: &str| releases.iter().find(|one| one["tag"] == tag).unwrap();
    assert_eq!(find("v1.0.0")["body"], "second notes");
    assert_eq!(find("v1.0.0")["assets"].as_array().map(Vec::len), Some(1));
    assert_eq!(find("v2.0.0")["name"], "Two");

    gh(&["delete", "v1.0.0", "--yes", "--cleanup-tag"]);
    gh(&["delete", "v2.0.0", "--yes"]);
    let state = scene.stand_ins.github().unwrap();
    assert_eq!(state["acme/greet"]["releases"], json!([]));
    assert_eq!(state["acme/greet"]["refs"]["refs/tags/v1.0.0"], json!(null));
}

/// Where the clients from npm are installed: a folder that holds `node_modules`.
fn clients() -> PathBuf {
    let set = std::env::vars_os().find(|(name, _)| name == "LANDFALL_CLIENTS");
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/clients");
    set.map_or(default, |(_, folder)| folder.into())
}

#[test]
fn octokit_publishes_pages_uploads_and_downloads() {
    let clients = clients();
    if !is_there("node") || !clients.join("node_modules/@octokit/rest").exists() {
        return missing("@octokit/rest");
    }
    let scene = Scene::new();
    let shell = shell(&scene);
    shell.set_var("BASE_URL", scene.stand_ins.origin(rehearsal::Role::GithubApi));
    // Modules are looked up from where the program lies, so it is put beside them for a moment.
    let program = include_str!("clients/octokit.mjs");
    let place = tempfile::Builder::new().suffix(".mjs").tempfile_in(&clients).unwrap();
    common::fs::replace(place.path(), program.as_bytes()).unwrap();
    let path = place.path();
    let said = sh::read(cmd!(shell, "node {path}"), SOON).unwrap();
    assert_eq!(said, "done");
    let requests = scene.stand_ins.requests();
    let to_storage: Vec<_> =
        requests.iter().filter(|one| one.role == rehearsal::Role::GithubStorage).collect();
    assert_eq!(to_storage.len(), 1);
    assert!(to_storage.iter().all(|one| one.token.is_none() && one.status == Some(200)));
}
