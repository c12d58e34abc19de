//! One verb in words: what is worth piping, and the report at its end.

use common::contract::{State, Verb};
use common::report::{Comparison, Severity};

use crate::call::Call;
use crate::outcome::Phase;
use crate::session::Session;
use crate::span::{half_visible, time};
use crate::table::Table;

/// Returns what is worth piping.
pub(crate) fn text(call: &Call, last: &Phase) -> String {
    let documents = || last.results.iter().map(|(name, ended)| (name, &ended.document));
    let lines: Vec<String> = match call.verb {
        _ if call.dry_run => documents()
            .flat_map(|(name, document)| {
                document.steps.iter().map(move |step| format!("{name}: {}", step.text))
            })
            .collect(),
        Verb::Status => return states(last).to_string(),
        Verb::Verify => return verdicts(last),
        Verb::Check => Vec::new(),
        Verb::Rollback => documents()
            .flat_map(|(name, document)| {
                let items = document
                    .items
                    .iter()
                    .map(|item| format!("{:?} {}", item.action, item.name).to_lowercase());
                items
                    .chain(document.notes.iter().cloned())
                    .map(move |line| format!("{name}: {line}"))
            })
            .collect(),
        _ => documents().filter_map(|(_, document)| document.url.clone()).collect(),
    };
    lines.iter().map(|line| format!("{}\n", safe(line))).collect()
}

fn safe(line: &str) -> String {
    common::terminal::safe_line(line, 4_000)
}

fn states(last: &Phase) -> Table {
    let mut table = Table::new(["CHANNEL", "STATE", "WHERE"]);
    for (name, ended) in &last.results {
        table.row([
            name.clone(),
            ended.document.state.map_or("unknown", State::word).into(),
            ended.document.url.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn verdicts(last: &Phase) -> String {
    let mut table = Table::new(["CHANNEL", "VERIFIED", "TIME"]);
    let mut wrong = String::new();
    for (name, ended) in &last.results {
        let all = &ended.document.verdicts;
        let same = all.iter().filter(|verdict| verdict.verdict == Comparison::Same).count();
        let verified = match (ended.document.state, all.len()) {
            (Some(State::Skipped), _) => "skipped".into(),
            (_, 0) => (if ended.is_good() { "same" } else { "failed" }).into(),
            (_, count) => format!("{same} of {count} same"),
        };
        table.row([name.clone(), verified, time(ended.seconds)]);
        for verdict in all.iter().filter(|verdict| verdict.verdict != Comparison::Same) {
            let reason =
                verdict.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            wrong.push_str(&format!(
                "{}\n",
                safe(&format!("{name}: {} {}{reason}", verdict.verdict.word(), verdict.name))
            ));
        }
    }
    format!("{table}{wrong}")
}

/// Returns the report for people: each channel, its state, how long it took, where it is, and
/// what its program did not say itself.
pub(crate) fn report(session: &Session, call: &Call, last: &Phase) -> String {
    let mut table = Table::new(["CHANNEL", "RESULT", "STATE", "TIME", "WHERE"]);
    let mut more = String::new();
    for (name, ended) in &last.results {
        let document = &ended.document;
        let optional = session.fleet.find(name).is_some_and(|channel| channel.publisher.optional);
        let optional = if optional && !ended.is_good() { " (optional)" } else { "" };
        let held_back = document.state == Some(State::Skipped);
        let result = if held_back { "skipped" } else { document.status.word() };
        table.row([
            name.clone(),
            format!("{result}{optional}"),
            document.state.filter(|_| !held_back).map_or("", State::word).into(),
            time(ended.seconds),
            document.url.clone().unwrap_or_default(),
        ]);
        let mut say =
            |text: &str| more.push_str(&format!("{}\n", safe(&format!("{name}: {text}"))));
        if !ended.talked {
            for finding in &document.findings {
                let word = if finding.severity == Severity::Error { "error" } else { "warning" };
                say(&format!("{word}: [{}] {}", finding.code, finding.message));
            }
            document.notes.iter().for_each(|note| say(note));
        }
        if let Some(error) = &document.error {
            say(&error.message);
            if !ended.talked {
                error.causes.iter().for_each(|cause| say(&format!("  {cause}")));
                error.hint.iter().for_each(|hint| say(&format!("hint: {hint}")));
            }
        }
    }
    let verb = call.verb.word();
    let what = if last.verb == call.verb { verb.to_owned() } else { format!("{verb} (staging)") };
    let dry = if call.dry_run { ", dry run" } else { "" };
    // Their table is what stdout is for.
    let on_stdout = matches!(call.verb, Verb::Status | Verb::Verify) && !call.json;
    let table = if on_stdout { String::new() } else { table.to_string() };
    let mut text = format!("\n{what} {}{dry}: {}\n{table}{more}", call.tag, time(last.seconds));
    if let Some(visible) = last.visible() {
        text.push_str(&format!("{}\n", half_visible(&visible)));
    }
    text
}
