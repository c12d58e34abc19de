//! The whole `main` of a channel tool: command line, configuration, one verb, document, exit code.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::arguments::Arguments;
use super::drive::Drive;
use super::{Channel, Context, Release, Run, run};
use crate::cli::Outcome;
use crate::config::{self, Configuration};
use crate::console;
use crate::contract::{Description, Verb};
use crate::retry::Budget;
use crate::tag::Tag;

/// Where the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Turns a channel into a program.
pub fn main<C: Channel>() -> ExitCode {
    let arguments = match Arguments::<C::Config>::read::<C>() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let flags = arguments.flags.clone();
    console::open(C::CONTRACT.tool, flags.verbosity());
    let mut outcome = Outcome::new(C::CONTRACT.tool, "release", flags.dry_run || arguments.plan);
    let result = work::<C>(&arguments, &mut outcome);
    outcome.end(&result, flags.json)
}

fn work<C: Channel>(arguments: &Arguments<C::Config>, outcome: &mut Outcome) -> Result<()> {
    let contract = C::CONTRACT;
    let order = arguments.order(&contract)?;
    if let Some(verb) = order.verb {
        outcome.document.verb = verb.word().into();
    }
    if order.verb == Some(Verb::Describe) {
        let description = describe::<C>();
        outcome.text = serde_json::to_string_pretty(&description)?;
        outcome.instead = Some(serde_json::to_string(&description)?);
        return Ok(());
    }
    let configuration = Configuration::load(arguments.flags.config.as_deref())?;
    let channel = arguments.channel.clone().unwrap_or_else(|| contract.channel.into());
    let publisher = configuration.publisher(&channel, contract.tool);
    outcome.document.channel = Some(channel.clone());

    let tag = Tag::parse(&order.tag.unwrap_or_default(), configuration.tag_pattern.as_deref())?;
    outcome.document.tag = Some(tag.name().into());

    let settings: C::Config = publisher.config.parse_under(
        [Some(given(&arguments.settings)?), config::overlay(contract.tool)?].into_iter().flatten(),
    )?;
    let rules: C::Rules = configuration.rules(&channel).parse()?;

    let mut policy = configuration.retry.clone();
    policy.max_retries = publisher.retry_count.unwrap_or(policy.max_retries);
    let deadline = publisher.deadline.map(|deadline| Instant::now() + deadline);
    let context = Context {
        channel,
        config: configuration.path.clone(),
        root: configuration.root.clone(),
        dist: arguments.flags.dist.clone(),
        tag_pattern: configuration.tag_pattern.clone(),
        timeout: publisher.timeout.unwrap_or(TIMEOUT),
        budget: Arc::new(Budget::new(policy, deadline, Arc::new(run::wait))),
    };
    let release = match order.verb {
        // What is brought back may stand beside the files of another release.
        Some(Verb::Restore) => {
            Release { tag, frozen: None, dist: context.dist.clone(), repository: None }
        }
        _ => Release::load(tag, &context.dist, &context.root)?,
    };
    let patience = arguments.patience(publisher.wait);
    let run = Run::new(arguments.install);
    let channel = C::open(settings, context.clone())?;
    let drive = Drive { channel: &channel, context: &context, release: &release, run: &run, rules };
    drive.verb(order.verb, arguments, patience, outcome)
}

/// Returns the flags that were given, as a layer over the configuration.
fn given(settings: &impl serde::Serialize) -> Result<serde_json::Value> {
    let mut value = serde_json::to_value(settings)?;
    if let Some(keys) = value.as_object_mut() {
        keys.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
        });
    }
    Ok(value)
}

fn describe<C: Channel>() -> Description {
    let contract = C::CONTRACT;
    Description {
        schema: 1,
        tool: contract.tool.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        channel: contract.channel.into(),
        verbs: contract.verbs(),
        stage: contract.stage,
        priority: contract.priority,
        needs: contract.needs.iter().map(|&need| need.into()).collect(),
        secrets: contract.secrets(),
        variables: contract.variables.iter().map(|&variable| variable.into()).collect(),
        rehearsal: true,
        config: schemars::schema_for!(C::Config).to_value(),
        rules: schemars::schema_for!(C::Rules).to_value(),
    }
}
