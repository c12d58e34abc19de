//! Asking programs what they are, and `channels describe`, which shows it.
//! A program that cannot say (a short shell script) gets the defaults.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use common::cli::{Flags, Outcome};
use common::config::{Configuration, Publisher};
use common::contract::{Description, StageKind, Verb};
use common::error::Failure;
use common::sh::{self, cmd};
use serde_json::{Value, json};

use crate::environment;
use crate::fleet::{ALL_VERBS, Channel, Fleet};
use crate::table::Table;

/// A description is a constant: a program that thinks about it longer is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// The wave of a program that names none, with no other in the configuration.
const PRIORITY: i32 = 50;

/// Asks all programs at once.
pub(crate) fn all(
    publishers: &[&Publisher],
    programs: &[Result<PathBuf>],
) -> Result<Vec<Description>> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = publishers
            .iter()
            .zip(programs)
            .map(|(publisher, program)| {
                scope.spawn(move || match program {
                    Ok(program) => one(publisher, program),
                    Err(_) => Ok(assumed(publisher)),
                })
            })
            .collect();
        let answers = asked.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("failed to ask a program what it is")))
        });
        answers.collect()
    })
}

fn one(publisher: &Publisher, program: &Path) -> Result<Description> {
    let shell = sh::shell_in(Path::new("."))?;
    let environment = environment::compose(std::env::vars_os(), &std::collections::BTreeSet::new());
    let command = cmd!(shell, "{program} describe --json").env_clear().envs(environment);
    let wrap = || {
        format!("failed to ask `{}` of the channel `{}` what it is", publisher.tool, publisher.name)
    };
    let output = sh::output(command, PATIENCE).with_context(wrap)?;
    if !output.status.success() {
        return Ok(assumed(publisher));
    }
    read(publisher, &output.stdout).map_err(|reason| {
        Failure::refused(wrap())
            .because(anyhow::anyhow!(reason))
            .hint(format!("look at it: {} describe --json", program.display()))
            .into()
    })
}

/// Reads a description; keys that are missing get the defaults, and no object at all is no description.
fn read(publisher: &Publisher, stdout: &[u8]) -> Result<Description, String> {
    let assumed = assumed(publisher);
    let Ok(said @ Value::Object(_)) = serde_json::from_slice::<Value>(stdout) else {
        return Ok(assumed);
    };
    let mut value = serde_json::to_value(&assumed).map_err(|error| error.to_string())?;
    common::json::overlay(&mut value, said);
    // Verbs of a later contract are nothing that is asked here.
    if let Some(verbs) = value["verbs"].as_array_mut() {
        verbs.retain(|verb| verb.as_str().is_some_and(|word| Verb::parse(word).is_some()));
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// Makes the description of a program that does not describe itself.
fn assumed(publisher: &Publisher) -> Description {
    let tool = publisher.tool.rsplit('/').next().unwrap_or_default();
    Description {
        schema: 1,
        tool: tool.into(),
        version: String::new(),
        channel: publisher.name.clone(),
        verbs: ALL_VERBS.to_vec(),
        stage: StageKind::Local,
        priority: PRIORITY,
        needs: Vec::new(),
        secrets: Vec::new(),
        variables: Vec::new(),
        rehearsal: false,
        config: Value::Null,
        rules: Value::Null,
    }
}

/// Shows the enabled channels.
pub(crate) fn print(flags: &Flags, outcome: &mut Outcome) -> Result<()> {
    let configuration = Configuration::load(flags.config.as_deref())?;
    let fleet = Fleet::gather(&configuration)?;
    let shown: Vec<Value> = fleet.channels.iter().map(show).collect();
    outcome.instead = Some(json!({"schema": 1, "channels": shown}).to_string());
    let mut table = Table::new(["CHANNEL", "PROGRAM", "WAVE", "STAGE", "NEEDS", "VARIABLES"]);
    for channel in &fleet.channels {
        let program = match &channel.program {
            Ok(program) => program.display().to_string(),
            Err(_) => format!("{} (not found)", channel.publisher.tool),
        };
        let stage = match channel.description.stage {
            StageKind::Remote => "remote",
            StageKind::Local => "local",
        };
        table.row([
            channel.name().into(),
            program,
            channel.priority().to_string(),
            stage.into(),
            channel.needs().join(", "),
            channel.variables.iter().cloned().collect::<Vec<_>>().join(", "),
        ]);
    }
    outcome.text = table.to_string();
    Ok(())
}

/// Returns one channel as `--json` shows it.
fn show(channel: &Channel) -> Value {
    let program = channel.program.as_ref().ok().map(|program| program.display().to_string());
    let mut shown = json!({
        "name": channel.name(),
        "tool": channel.publisher.tool,
        "optional": channel.publisher.optional,
        "priority": channel.priority(),
        "needs": channel.needs(),
        "variables": channel.variables,
        "description": channel.description,
    });
    if let Some(program) = program {
        shown["program"] = program.into();
    }
    shown
}
