//! `dist/report.json`: what every verb of one release came to so far, and `channels report`, which
//! shows it. A record for people: the remote decides, and this can only hold a rollback back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use common::cli::{Flags, Outcome};
use common::config::Configuration;
use common::console;
use common::contract::{State, Verb};
use common::receipt::Receipt;
use common::report::{Status, Visible};
use common::tag::Tag;
use common::{fs, json, lock, secret};
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::document::Ended;
use crate::outcome::Phase;
use crate::span::round;
use crate::story::Story;

/// The file's name inside `dist/`.
const FILE: &str = "report.json";

/// How long another run may hold the file; it needs it for a moment only.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all verbs of one tag came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Report {
    /// The version of this format: 1.
    schema: u32,
    /// The release's tag. A new one starts anew.
    tag: String,
    /// The last run of each verb, in the order in which they ended.
    verbs: Vec<Run>,
}

/// The last run of one verb.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) verb: Verb,
    /// When it ended, RFC 3339, UTC.
    pub(crate) at: String,
    pub(crate) seconds: f64,
    pub(crate) channels: Vec<Line>,
}

/// What one channel came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) tool: String,
    pub(crate) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    pub(crate) code: u8,
    pub(crate) seconds: f64,
    /// When the first and the last visible effect were acknowledged, over all runs of the verb.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) visible: Option<Visible>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl Report {
    fn load(dist: &Path) -> Option<Self> {
        let path = dist.join(FILE);
        let text = fs::read_text_if_there(&path).ok()??;
        let report: Self = json::parse(&text, FILE, 1).ok()?;
        (report.schema == 1).then_some(report)
    }

    fn run(&self, verb: Verb) -> Option<&Run> {
        self.verbs.iter().find(|run| run.verb == verb)
    }

    /// Puts a run in the place of the one before. Channels that were not asked now keep their line.
    fn absorb(&mut self, mut new: Run) {
        if let Some(at) = self.verbs.iter().position(|run| run.verb == new.verb) {
            for old in self.verbs.remove(at).channels {
                match new.channels.iter_mut().find(|line| line.name == old.name) {
                    Some(line) => line.visible = Visible::join(line.visible.take(), old.visible),
                    None => new.channels.push(old),
                }
            }
            new.channels.sort_by(|a, b| a.name.cmp(&b.name));
        }
        self.verbs.push(new);
    }
}

/// Tells whether users may have seen the version on a channel, as far as was written down.
pub(crate) fn was_public(dist: &Path, tag: &Tag, channel: &str) -> bool {
    let report = Report::load(dist).filter(|report| report.tag == tag.name());
    let runs = report.map(|report| report.verbs).unwrap_or_default();
    let mut lines = runs.iter().flat_map(|run| &run.channels);
    lines.any(|line| {
        line.name == channel
            && matches!(line.state, Some(State::Published | State::Promoted | State::Pending))
    }) || Receipt::load(dist, tag, channel).is_some_and(|receipt| receipt.visible.is_some())
}

/// Adds what was just asked. One that cannot be written fails nothing.
pub(crate) fn record(call: &Call, phases: &[Phase]) {
    if let Err(error) = write(call, phases) {
        console::warn(&format!("no report was written: {error:#}"));
    }
}

fn write(call: &Call, phases: &[Phase]) -> Result<()> {
    let _lock = lock::take(&call.dist, "report", PATIENCE)?;
    let of_this_tag = Report::load(&call.dist).filter(|report| report.tag == call.tag.name());
    let mut report = of_this_tag.unwrap_or_else(|| Report {
        schema: 1,
        tag: call.tag.name().into(),
        verbs: Vec::new(),
    });
    for phase in phases {
        // The look at what is staged before publishing tells nothing that staging did not tell.
        let look = phase.verb != call.verb && unchanged(phase) && report.run(phase.verb).is_some();
        if !look {
            report.absorb(run(phase));
        }
    }
    // What was taken back is not half visible any more.
    if call.verb == Verb::Rollback {
        for line in report.verbs.iter_mut().flat_map(|run| &mut run.channels) {
            let undone = phases
                .iter()
                .any(|phase| phase.results.get(&line.name).is_some_and(Ended::is_good));
            if undone {
                line.visible = None;
            }
        }
    }
    let text = String::from_utf8_lossy(&json::pretty(&report)).into_owned();
    fs::replace(&call.dist.join(FILE), secret::redact(&text).as_bytes())
}

fn unchanged(phase: &Phase) -> bool {
    phase
        .results
        .values()
        .all(|ended| ended.is_good() && ended.document.status == Status::Unchanged)
}

fn run(phase: &Phase) -> Run {
    let line = |(name, ended): (&String, &Ended)| Line {
        name: name.clone(),
        tool: ended.document.tool.clone(),
        status: ended.document.status,
        state: ended.document.state,
        url: ended.document.url.clone(),
        code: ended.code,
        seconds: round(ended.seconds),
        visible: ended.document.visible.clone(),
        error: ended.document.error.as_ref().map(|error| error.message.clone()),
    };
    Run {
        verb: phase.verb,
        at: jiff::Timestamp::now().to_string(),
        seconds: round(phase.seconds),
        channels: phase.results.iter().map(line).collect(),
    }
}

/// Shows what all verbs of `tag` came to.
pub(crate) fn print(tag: &str, flags: &Flags, outcome: &mut Outcome) -> Result<()> {
    let configuration = Configuration::load(flags.config.as_deref())?;
    let tag = Tag::parse(tag, configuration.tag_pattern.as_deref())?;
    outcome.document.tag = Some(tag.name().into());
    let report = Report::load(&flags.dist).filter(|report| report.tag == tag.name());
    let enabled = configuration.publishers.values().filter(|publisher| publisher.enabled);
    let mut names: BTreeSet<String> = enabled.map(|publisher| publisher.name.clone()).collect();
    let runs = report.map(|report| report.verbs).unwrap_or_default();
    names.extend(runs.iter().flat_map(|run| &run.channels).map(|line| line.name.clone()));
    let receipts: BTreeMap<String, Receipt> = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), Receipt::load(&flags.dist, &tag, &name)?)))
        .collect();
    let whole = Story { tag: &tag, runs: &runs, receipts: &receipts };
    outcome.document.visible = whole.visible();
    outcome.document.status = if whole.changed() { Status::Done } else { Status::Unchanged };
    outcome.text = whole.tell();
    let mut value = serde_json::to_value(&outcome.document)?;
    value["verbs"] = serde_json::to_value(&runs)?;
    value["receipts"] = serde_json::to_value(&receipts)?;
    outcome.instead = Some(value.to_string());
    Ok(())
}
