//! GitHub's own OpenAPI description as the judge of what `gh-release` and the stand-in say to each other.
//! A proxy that validates stands between the two; what it refuses, one of them has wrong.

mod description;
mod prism;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use prism::{Prism, violations};
use rehearsal::Role;
use serde_json::Value;
use testkit::{Program, Ran, Scene};

/// Returns the folder with the description cut down, or says that the proxy is missing.
fn description() -> Option<(tempfile::TempDir, PathBuf)> {
    let modules = prism::clients().join("node_modules");
    let source = modules.join("@octokit/openapi/generated/api.github.com.json");
    if !source.is_file() || !modules.join(".bin/prism").exists() {
        let strict = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!strict, "prism is not installed: scripts/install-clients");
        println!("not run: prism is not installed (scripts/install-clients)");
        return None;
    }
    let text = common::fs::read_text(&source).expect("the description is readable");
    let whole: Value = serde_json::from_str(&text).expect("the description is JSON");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("github.json");
    let reduced = description::reduced(&whole).to_string();
    common::fs::replace(&path, reduced.as_bytes()).expect("a writable temporary folder");
    Some((folder, path))
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

/// A scene whose tool reaches the API through the proxy only.
struct Judged {
    scene: Scene,
    prism: Prism,
}

impl Judged {
    fn new(tag: &str, description: &std::path::Path) -> Self {
        let scene = Scene::new(tag);
        let prism = Prism::start(description, scene.stand_ins.origin(Role::GithubApi));
        // Addresses in answers lead through the proxy too.
        scene.stand_ins.knobs(|knobs| knobs.github.public_api = Some(prism.origin.clone()));
        let mut overlay = scene.stand_ins.overlay();
        overlay["tools"]["gh-release"]["config"]["base_url"] = format!("{}/", prism.origin).into();
        scene.project.write("dist/overlay.json", overlay.to_string());
        Self { scene, prism }
    }

    fn gh_release(&self, arguments: &str) -> Ran {
        let path = Program::of_workspace("gh-release", self.scene.project.path());
        let _ = path;
        let overlay = self.scene.project.join("dist/overlay.json").display().to_string();
        self.scene
            .program(&program("gh-release"))
            .env("LANDFALL_OVERLAY", overlay)
            .args(arguments)
            .run()
    }
}

fn program(name: &str) -> String {
    let own = std::env::current_exe().expect("a test knows its own path");
    let path = own.ancestors().nth(2).expect("target/<profile>/deps/<test>").join(name);
    assert!(path.is_file(), "`{name}` is not built: cargo build --workspace");
    path.display().to_string()
}

#[test]
fn everything_gh_release_and_the_stand_in_say_is_as_github_describes_it() {
    let Some((_folder, description)) = description() else { return };
    let mut judged = Judged::new("v1.0.0", &description);
    for verb in ["check", "stage", "publish", "promote", "verify", "status", "rollback --yes"] {
        let ran = judged.gh_release(&format!("{verb} v1.0.0"));
        println!("{verb}: {:?}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    }
    let log = judged.prism.log();
    println!("{}", log.join("\n"));
    panic!("{:#?}", violations(log));
}
