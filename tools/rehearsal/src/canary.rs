//! The tokens of a rehearsal: made up at first use, worthless elsewhere, and looked for afterwards.
//! Whoever finds one in a file or an output has found a leak.

use serde::{Deserialize, Serialize};

/// What the holder of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Reads and writes, and says so.
    Write,
    /// Reads only.
    Read,
    /// May write although `permissions.push` is false, as the token of a CI job does; may not touch workflows.
    Actions,
}

/// One made-up token with the name that stands for it in logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The name used in logs, such as `github-write`.
    pub name: String,
    /// The environment variable that carries it.
    pub variable: String,
    /// What it allows.
    pub grant: Grant,
    /// The secret itself.
    pub value: String,
}

/// Makes the set of tokens of a new rehearsal.
pub(crate) fn mint() -> Vec<Canary> {
    let one = |name: &str, variable: &str, grant| Canary {
        name: name.to_owned(),
        variable: variable.to_owned(),
        grant,
        value: format!("canary-{name}-{:032x}", fastrand::u128(..)),
    };
    vec![
        one("github-write", "REHEARSAL_GITHUB_TOKEN", Grant::Write),
        one("github-read", "REHEARSAL_GITHUB_READ_TOKEN", Grant::Read),
        one("github-actions", "REHEARSAL_GITHUB_ACTIONS_TOKEN", Grant::Actions),
    ]
}

/// Replaces every token in `text` by `***`.
pub(crate) fn hide(canaries: &[Canary], text: &str) -> String {
    canaries.iter().fold(text.to_owned(), |text, canary| text.replace(&canary.value, "***"))
}
