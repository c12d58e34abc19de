//! Everything that is known of one release, told as a table: `channels report`. Pure.

use std::collections::{BTreeMap, BTreeSet};

use common::contract::{State, Verb};
use common::receipt::Receipt;
use common::report::{Status, Visible};
use common::tag::Tag;

use crate::report::{Line, Run};
use crate::span::{half_visible, time};
use crate::table::Table;

/// Everything that is known of one release.
pub(crate) struct Story<'a> {
    pub(crate) tag: &'a Tag,
    /// The last run of each verb.
    pub(crate) runs: &'a [Run],
    /// What each channel's program wrote down itself.
    pub(crate) receipts: &'a BTreeMap<String, Receipt>,
}

/// The verbs with a column of their own, in the order of a release.
const COLUMNS: [Verb; 6] =
    [Verb::Check, Verb::Stage, Verb::Publish, Verb::Promote, Verb::Verify, Verb::Rollback];

impl Story<'_> {
    fn names(&self) -> BTreeSet<&str> {
        let told = self.runs.iter().flat_map(|run| &run.channels).map(|line| line.name.as_str());
        told.chain(self.receipts.keys().map(String::as_str)).collect()
    }

    fn line(&self, verb: Verb, name: &str) -> Option<&Line> {
        let run = self.runs.iter().find(|run| run.verb == verb)?;
        run.channels.iter().find(|line| line.name == name)
    }

    /// Returns how a channel stood when it last said so, and where it is.
    fn standing(&self, name: &str) -> (Option<State>, Option<String>) {
        let mut state = self.receipts.get(name).and_then(|receipt| receipt.state);
        let mut url = self.receipts.get(name).and_then(|receipt| receipt.url.clone());
        for line in self.runs.iter().flat_map(|run| &run.channels).filter(|line| line.name == name)
        {
            // That a pointer was left alone says nothing of the version itself.
            state = line.state.filter(|state| *state != State::Skipped).or(state).or(line.state);
            url = line.url.clone().or(url);
        }
        (state, url)
    }

    /// Returns the span from the first visible effect to the last.
    pub(crate) fn visible(&self) -> Option<Visible> {
        self.names().into_iter().filter(|name| self.standing(name).0 != Some(State::Pending)).fold(
            None,
            |span, name| {
                let lines =
                    self.runs.iter().flat_map(|run| &run.channels).filter(|line| line.name == name);
                let own = lines.fold(None, |span, line| Visible::join(span, line.visible.clone()));
                let receipt =
                    self.receipts.get(name).filter(|receipt| receipt.verb != Verb::Rollback.word());
                Visible::join(
                    span,
                    own.or_else(|| receipt.and_then(|receipt| receipt.visible.clone())),
                )
            },
        )
    }

    /// Tells whether the last run of any verb changed something, or failed.
    pub(crate) fn changed(&self) -> bool {
        let effects = [Verb::Stage, Verb::Publish, Verb::Promote, Verb::Rollback];
        self.runs.iter().any(|run| {
            run.channels.iter().any(|line| {
                line.code != 0 || effects.contains(&run.verb) && line.status != Status::Unchanged
            })
        })
    }

    /// Says why verbs failed on a channel; what several say is said once.
    fn failures(&self, name: &str, verbs: &[Verb]) -> String {
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for verb in verbs {
            let Some(error) = self.line(*verb, name).and_then(|line| line.error.as_deref()) else {
                continue;
            };
            match said.iter_mut().find(|(before, _)| *before == error) {
                Some((_, verbs)) => verbs.push(verb.word()),
                None => said.push((error, vec![verb.word()])),
            }
        }
        let line = |(error, verbs): &(&str, Vec<&str>)| {
            format!("{name}: {}: {}\n", verbs.join(", "), common::terminal::safe_line(error, 1_000))
        };
        said.iter().map(line).collect()
    }

    /// Tells it.
    pub(crate) fn tell(&self) -> String {
        if self.names().is_empty() {
            return format!("{}: nothing was done yet\n", self.tag);
        }
        let columns: Vec<Verb> = COLUMNS
            .into_iter()
            .filter(|verb| self.runs.iter().any(|run| run.verb == *verb))
            .collect();
        let headings = columns.iter().map(|verb| verb.word().to_uppercase());
        let mut table = Table::new(
            [self.tag.name().to_owned()]
                .into_iter()
                .chain(headings)
                .chain(["STATE".into(), "WHERE".into()]),
        );
        let mut failures = String::new();
        for name in self.names() {
            let (state, url) = self.standing(name);
            let cells =
                columns.iter().map(|verb| self.line(*verb, name).map(cell).unwrap_or_default());
            table.row(
                [name.to_owned()].into_iter().chain(cells).chain([
                    state.map_or("unknown", State::word).to_owned(),
                    url.unwrap_or_default(),
                ]),
            );
            failures.push_str(&self.failures(name, &columns));
        }
        let mut text = format!("{table}{failures}");
        let staged_to_promoted = [Verb::Stage, Verb::Publish, Verb::Promote];
        let whole =
            staged_to_promoted.iter().all(|verb| self.runs.iter().any(|run| run.verb == *verb));
        if whole && !self.changed() {
            text.push_str("nothing changed: every channel was found as wanted\n");
        }
        if let Some(visible) = self.visible() {
            text.push_str(&format!("{}\n", half_visible(&visible)));
        }
        text
    }
}

fn cell(line: &Line) -> String {
    match (line.state, line.status) {
        (Some(State::Skipped), _) => "skipped".into(),
        (_, Status::Failed) => format!("failed, {}", time(line.seconds)),
        (_, Status::Unchanged) => format!("as it was, {}", time(line.seconds)),
        (_, Status::Done | Status::Planned) => time(line.seconds),
    }
}
