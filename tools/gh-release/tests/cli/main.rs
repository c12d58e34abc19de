//! The real program against the stand-in: every verb dry, real and again; refusals and their words.

mod check;
mod faults;
mod publish;
mod rollback;
mod secrets;
mod verify;

use testkit::{Program, Scene};

/// The program inside a scene.
fn gh_release(scene: &Scene, arguments: &str) -> Program {
    scene.program(env!("CARGO_BIN_EXE_gh-release")).args(arguments)
}

/// The stand-in's releases of the repository.
fn releases(scene: &Scene) -> Vec<serde_json::Value> {
    let state = scene.stand_ins.github().expect("the stand-in knows its state");
    state["acme/greet"]["releases"].as_array().cloned().unwrap_or_default()
}

/// The address of the web pages, which differs from run to run.
fn web(scene: &Scene) -> String {
    scene.stand_ins.origin(rehearsal::Role::GithubWeb).to_owned()
}

/// Replaces whatever differs from run to run by `HOST`.
fn masked(scene: &Scene, text: &str) -> String {
    text.replace(&web(scene), "HOST")
}
