//! The local stand-ins of every channel: strict servers on loopback that keep their state on disk.
//! Knows no tool and shares no wire type with one, so that a misunderstanding shows as a failing test.

pub mod canary;
pub mod clock;
pub mod fault;
mod front;
mod git;
mod github;
pub mod knobs;
pub mod log;
mod message;
mod serve;
mod stand_ins;
mod store;
mod world;

pub use canary::{Canary, Grant};
pub use clock::Clock;
pub use fault::{Fault, Rule};
pub use knobs::Knobs;
pub use log::Logged;
pub use message::Role;
pub use serve::serve;
pub use stand_ins::{Options, StandIns};
