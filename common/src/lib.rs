//! What two or more of Landfall's programs need, one idea per module.
//! Nothing here knows a particular channel; a module enters when two tools use it.

#[cfg(all(feature = "http", feature = "sh"))]
pub mod channel;
pub mod cli;
pub mod config;
pub mod console;
pub mod contract;
pub mod digest;
pub mod error;
pub mod fs;
#[cfg(feature = "sh")]
pub mod git;
#[cfg(feature = "http")]
pub mod http;
pub mod json;
pub mod lock;
pub mod manifest;
pub mod receipt;
pub mod report;
pub mod retry;
pub mod secret;
#[cfg(feature = "sh")]
pub mod sh;
pub mod tag;
#[cfg(feature = "template")]
pub mod template;
pub mod terminal;
pub mod version;
