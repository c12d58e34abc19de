//! What the GitHub stand-in does and refuses; a test that shows a rule of CHANNELS.md names its step.
//! Speaks raw HTTP, so that nothing is taken for granted that a good client does by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assets;
mod faults;
mod folder;
mod git_data;
mod immutable;
mod limits;
mod releases;
#[path = "../scene/mod.rs"]
mod scene;
mod transport;
mod wire;
mod workflows;
