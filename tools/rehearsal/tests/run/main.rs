//! `rehearsal run` as a user runs it: the real program, real git, shell commands.
//! Knows nothing of how it is done inside.

mod closed;
mod git;
mod outcome;
mod project;
mod requests;
