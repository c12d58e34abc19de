//! What the tests of several tools need: a project to release, a way to run the real programs,
//! and the crash and fault harness. Knows no tool's inside; panics are test failures.

mod program;
mod project;
mod resume;
mod scene;

pub use program::{Program, Ran};
pub use project::Project;
pub use resume::{Sweep, Totals};
pub use scene::Scene;
