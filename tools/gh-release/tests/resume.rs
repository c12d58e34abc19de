//! The crash and fault test: killed or failed at every request in every way, then run again.

use serde_json::Value;
use testkit::{Scene, Sweep};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gh-release");

fn state(scene: &Scene) -> Value {
    scene.stand_ins.github().expect("the stand-in knows its state")
}

#[expect(clippy::print_stdout, reason = "the line is what people read in the test's output")]
#[track_caller]
fn sweep(arguments: &str, scene: &(dyn Fn() -> Scene + Sync)) {
    let totals = Sweep { program: PROGRAM, arguments, scene, state: &state }.run();
    println!("{totals}");
    assert!(totals.boundaries > 8, "{totals}");
    assert_eq!(totals.different.first(), None, "{totals}");
    assert_eq!((totals.duplicate_drafts, totals.leftover_assets), (0, 0), "{totals}");
}

#[test]
fn publish_ends_the_same_wherever_it_fails() {
    sweep("publish v1.0.0", &|| Scene::new("v1.0.0"));
}

#[test]
fn the_whole_channel_ends_the_same_wherever_it_fails_while_the_list_lags() {
    sweep("v1.0.0", &|| {
        let scene = Scene::new("v1.0.0");
        scene.stand_ins.knobs(|knobs| knobs.github.draft_list_lag = 2);
        scene
    });
}
