//! One verb over the channels that are meant: which are asked when, and what holds one back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use common::cli::{Flags, Outcome};
use common::config::{Configuration, KNOWN};
use common::contract::{State, Verb};
use common::error::Failure;
use common::tag::Tag;

use crate::arguments::Asked;
use crate::call::{Call, Extra};
use crate::document::{self, Ended};
use crate::fleet::{Channel, Fleet, is_published};
use crate::outcome::{self, Phase};
use crate::session::{Results, Session};
use crate::waves::{self, Place};

/// Runs `verb` and fills the outcome.
pub(crate) fn run(
    verb: Verb,
    asked: &Asked,
    extra: Extra,
    flags: &Flags,
    outcome: &mut Outcome,
) -> Result<()> {
    let (session, call) = open(verb, asked, extra, flags)?;
    outcome.document.tag = Some(call.tag.name().into());
    let phases = match verb {
        Verb::Publish => publish(&session, &call)?,
        Verb::Promote => {
            let groups = groups(&session.fleet)?;
            let begun = Instant::now();
            let results = in_waves(&session, &call, &groups, |_| None);
            vec![Phase::new(Verb::Promote, begun, results)]
        }
        _ => {
            let begun = Instant::now();
            let results = session.ask(&session.fleet.meant(), &call);
            vec![Phase::new(verb, begun, results)]
        }
    };
    outcome::end(&session, &call, &phases, outcome)
}

/// Reads the configuration and finds the channels that are meant.
pub(crate) fn open(
    verb: Verb,
    asked: &Asked,
    extra: Extra,
    flags: &Flags,
) -> Result<(Session, Call)> {
    let configuration = Configuration::load(flags.config.as_deref())?;
    let tag = Tag::parse(&asked.tag, configuration.tag_pattern.as_deref())?;
    let mut fleet = Fleet::gather(&configuration)?;
    fleet.select(asked)?;
    refuse_unknown_needs(&configuration, &fleet)?;
    let call = Call::new(verb, tag, &configuration, flags, extra);
    let session = Session::open(fleet, &configuration, &call)?;
    Ok((session, call))
}

/// Groups the channels that are meant by wave.
pub(crate) fn groups(fleet: &Fleet) -> Result<Vec<Vec<&str>>> {
    waves::groups(&places(&fleet.meant()))
}

fn places<'a>(channels: &[&'a Channel]) -> Vec<Place<'a>> {
    let place = |channel: &&'a Channel| Place {
        name: channel.name(),
        priority: channel.priority(),
        needs: channel.needs(),
    };
    channels.iter().map(place).collect()
}

/// A need that is a slip of the pen would never hold anything back.
fn refuse_unknown_needs(configuration: &Configuration, fleet: &Fleet) -> Result<()> {
    let known: BTreeSet<&str> = configuration
        .publishers
        .keys()
        .map(String::as_str)
        .chain(KNOWN.map(|(name, _)| name))
        .collect();
    let all: Vec<&Channel> = fleet.channels.iter().collect();
    match waves::unknown_need(&places(&all), &known) {
        Some((channel, need)) => {
            let failure =
                Failure::usage(format!("`{channel}` needs `{need}`, which is no channel"));
            let near =
                common::json::nearest(need, known).map(|near| format!("did you mean `{near}`?"));
            Err(failure
                .hint(near.unwrap_or_else(|| format!("correct `publishers.{channel}.needs`")))
                .into())
        }
        None => Ok(()),
    }
}

/// Stages all, and only when every required channel is staged, publishes wave after wave.
/// Staging what is staged costs a look, and is the only honest way to know that it is.
fn publish(session: &Session, call: &Call) -> Result<Vec<Phase>> {
    let groups = groups(&session.fleet)?;
    let begun = Instant::now();
    let staged = session.ask(&session.fleet.meant(), &call.instead(Verb::Stage));
    let gate = Phase::new(Verb::Stage, begun, staged.clone());
    let closed = gate.code(&session.fleet) != 0 || session.children.interrupted();
    if closed {
        return Ok(vec![gate]);
    }
    let begun = Instant::now();
    let published = in_waves(session, call, &groups, |channel| {
        let stage = staged.get(channel.name()).filter(|stage| !stage.is_good())?;
        Some(document::held_back(
            channel,
            call,
            stage.code,
            "not published: it could not be staged",
        ))
    });
    Ok(vec![gate, Phase::new(Verb::Publish, begun, published)])
}

/// Asks wave after wave; what a channel needs is judged by what came of it in this run, else by
/// its remote state.
fn in_waves(
    session: &Session,
    call: &Call,
    groups: &[Vec<&str>],
    hold: impl Fn(&Channel) -> Option<Ended>,
) -> Results {
    let mut seen: BTreeMap<String, Ended> = BTreeMap::new();
    session.ask_in_turn(groups, call, |channel, results| {
        if session.children.interrupted() {
            return Some(document::not_begun(channel, call));
        }
        if let Some(ended) = hold(channel) {
            return Some(ended);
        }
        channel.needs().iter().find_map(|need| {
            let needed = session.fleet.find(need)?;
            match results.get(need) {
                Some(ended) if ended.is_good() => return None,
                // What was not promoted may be published all the same.
                Some(ended) if call.verb == Verb::Publish => {
                    return Some(held_back(channel, call, need, "failed", ended.code));
                }
                _ => {}
            }
            let ended = seen.entry(need.clone()).or_insert_with(|| status(session, needed, call));
            let state = ended.document.state.unwrap_or(State::Absent);
            let fine = is_published(state) || state == State::Skipped;
            (!fine).then(|| {
                held_back(channel, call, need, &format!("is {}", state.word()), ended.code)
            })
        })
    })
}

/// Asks the remote how one channel stands.
fn status(session: &Session, channel: &Channel, call: &Call) -> Ended {
    let question = Call { dry_run: false, ..call.instead(Verb::Status) };
    let mut results = session.ask(&[channel], &question);
    results.remove(channel.name()).unwrap_or_else(|| document::not_begun(channel, call))
}

fn held_back(channel: &Channel, call: &Call, need: &str, how: &str, code: u8) -> Ended {
    let done = if call.verb == Verb::Promote { "promoted" } else { "published" };
    let reason = format!("not {done}: it needs `{need}`, which {how}");
    document::held_back(channel, call, code.max(1), &reason)
}
