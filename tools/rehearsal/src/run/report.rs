//! What a person is told after a rehearsal, and the exit code that follows from it.
//! Decides nothing about channels: it counts requests and shows what changed in git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::console;
use rehearsal::{Logged, Role};

use super::canary::Hit;
use super::child::Ended;
use super::files::Findings;
use super::proxy::Attempt;
use super::repositories::References;

/// Lines of one kind that are worth reading; the rest is a number.
const ENOUGH: usize = 10;

/// All that was seen.
pub(super) struct Report<'a> {
    /// The folder of the state.
    pub(super) state: &'a Path,
    /// The current folder, to shorten names.
    pub(super) here: &'a Path,
    /// The temporary folder, where it was kept.
    pub(super) kept: Option<PathBuf>,
    pub(super) ended: Ended,
    /// The requests of this run.
    pub(super) requests: Vec<Logged>,
    pub(super) before: References,
    pub(super) after: References,
    pub(super) found: Findings,
    /// Who COMMAND tried to reach outside.
    pub(super) attempts: BTreeMap<String, Attempt>,
}

impl Report<'_> {
    /// Says everything on stderr and returns the exit code.
    pub(super) fn tell(&self) -> u8 {
        let changing = self.requests.iter().filter(|request| changed_something(request));
        console::note(&match (changing.count(), self.requests.len()) {
            (0, all) => format!("0 requests changed anything (of {all})"),
            (some, all) => format!("{some} of {all} requests changed something"),
        });
        some(self.git(), console::note);
        some(self.attempted(), console::warn);
        let unread = self.found.unread.iter();
        some(
            unread.map(|(path, reason)| {
                format!("could not look into `{}`: {reason}", self.short(path))
            }),
            console::warn,
        );
        let leaks = self.leaks();
        some(leaks.clone(), console::refuse);
        if leaks.is_empty() {
            console::note(&format!(
                "no canary token in any output or in {} files",
                self.found.count
            ));
        }
        console::note(&format!("state: {} (requests.jsonl, git/)", self.short(self.state)));
        if let Some(kept) = &self.kept {
            let home = self.state.join("home");
            console::note(&format!("kept: {} and {}", self.short(&home), kept.display()));
        }
        if leaks.is_empty() { self.ended.code } else { 1 }
    }

    /// What changed in the repositories.
    fn git(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, object) in &self.after {
            let (repository, reference) = key;
            match self.before.get(key) {
                None => lines.push(format!("git: {repository}: new {reference}")),
                Some(old) if old != object => {
                    lines.push(format!("git: {repository}: moved {reference}"));
                }
                Some(_) => {}
            }
        }
        let gone = self.before.keys().filter(|key| !self.after.contains_key(*key));
        lines.extend(
            gone.map(|(repository, reference)| format!("git: {repository}: removed {reference}")),
        );
        lines
    }

    fn attempted(&self) -> Vec<String> {
        let times =
            |count: usize| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let attempts = self.attempts.iter();
        attempts
            .map(|(host, attempt)| format!("no way out to {host}, tried {}", times(attempt.count)))
            .collect()
    }

    /// Every place where a canary came to light that should not know it.
    fn leaks(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (stream, hit) in &self.ended.hits {
            lines.push(format!("canary token in {stream} at byte {} ({})", hit.offset, hit.form));
        }
        for (path, Hit { offset, form }) in &self.found.hits {
            lines.push(format!("canary token in `{}` at byte {offset} ({form})", self.short(path)));
        }
        for (host, attempt) in self.attempts.iter().filter(|(_, attempt)| !attempt.hits.is_empty())
        {
            lines.push(format!("canary token on its way to {host} ({})", attempt.hits[0].form));
        }
        for request in self.requests.iter().filter(|request| is_misled(request)) {
            lines.push(format!(
                "a token was sent to the storage host: {} {}",
                request.method, request.path
            ));
        }
        lines
    }

    fn short(&self, path: &Path) -> String {
        path.strip_prefix(self.here).unwrap_or(path).display().to_string()
    }
}

/// Whether a request had an effect, or may have had one and was never answered.
fn changed_something(request: &Logged) -> bool {
    request.mutating && request.status.is_none_or(|status| status < 400)
}

/// Whether a token went where none is wanted: the storage behind a redirect has a signature in
/// its url.
fn is_misled(request: &Logged) -> bool {
    request.role == Role::GithubStorage && request.token.is_some()
}

fn some(lines: impl IntoIterator<Item = String>, say: impl Fn(&str)) {
    let lines: Vec<String> = lines.into_iter().collect();
    for line in lines.iter().take(ENOUGH) {
        say(line);
    }
    if lines.len() > ENOUGH {
        say(&format!("... and {} more", lines.len() - ENOUGH));
    }
}
