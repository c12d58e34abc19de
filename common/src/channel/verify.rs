//! Judging what `verify` saw, and waiting for an index that is slow.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::run;
use crate::error::Failure;
use crate::report::{Comparison, Verdict};

/// What was seen last, and why it is not enough.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) error: anyhow::Error,
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self { verdicts: Vec::new(), error }
    }
}

/// Looks until every artifact is the same; again with growing pauses while something is only
/// missing and there is patience left.
pub(super) fn until_same(
    patience: Option<Duration>,
    look: impl Fn() -> Result<Vec<Verdict>>,
) -> Result<Vec<Verdict>, Failed> {
    let until = patience.map(|patience| Instant::now() + patience);
    let mut pause = Duration::from_secs(1);
    loop {
        let verdicts = look()?;
        let Err(error) = judge(&verdicts) else { return Ok(verdicts) };
        let differs = verdicts.iter().any(|seen| seen.verdict == Comparison::Differs);
        let Some(until) = until.filter(|_| !differs) else {
            return Err(Failed { verdicts, error: error.into() });
        };
        if Instant::now() + pause > until {
            let error = Failure::temporary(error.to_string())
                .hint("the index may be slow: run the same command again in a while");
            return Err(Failed { verdicts, error: error.into() });
        }
        run::wait("the index does not show everything yet", pause);
        pause = (pause * 2).min(Duration::from_secs(30));
    }
}

fn judge(verdicts: &[Verdict]) -> Result<(), Failure> {
    // An empty set verified would be a check that cannot fail.
    if verdicts.is_empty() {
        return Err(Failure::no(
            "nothing was verified: the manifest lists nothing for this channel",
        ));
    }
    let bad: Vec<String> = verdicts
        .iter()
        .filter(|seen| seen.verdict != Comparison::Same)
        .map(|seen| match &seen.reason {
            Some(reason) => format!("`{}` {} ({reason})", seen.name, seen.verdict.word()),
            None => format!("`{}` {}", seen.name, seen.verdict.word()),
        })
        .collect();
    match bad.as_slice() {
        [] => Ok(()),
        bad => Err(Failure::no(format!("not what was released: {}", bad.join(", ")))),
    }
}
