//! The real `checksum` in temporary folders with a cleared environment; outputs compared whole.

#[path = "cli/create.rs"]
mod create;
#[path = "cli/lists.rs"]
mod lists;
#[path = "cli/restore.rs"]
mod restore;
#[path = "cli/scene.rs"]
mod scene;
