//! What is kept of each verb, and how it is shown.

use serde_json::Value;

use crate::harness::{Project, timeless};

const VERBS: [&str; 5] = ["check", "stage", "publish", "promote", "verify"];

/// A channel that does each effect once, as every channel should.
const ONCE: &str = "
    at() { echo \"{\\\"status\\\":\\\"$1\\\",\\\"state\\\":\\\"$2\\\",\\\"url\\\":\\\"https://example.org/$name\\\"$3}\"; exit 0; }
    case $verb in check|verify) at done published ;; esac
    [ ! -e $name-$verb ] || at unchanged published; touch $name-$verb
    [ $verb != publish ] || at done published ',\"visible\":{\"first\":\"2026-01-01T00:00:00Z\",\"last\":\"2026-01-01T00:00:02Z\"}'
    at done published";

fn release(project: &Project) {
    for verb in VERBS {
        let ran = project.channels(&[verb, "v1.0.0"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
}

#[test]
fn the_report_shows_each_channel_each_step_and_how_long_it_was_half_visible() {
    let later = ONCE.replace("00:00:02Z", "00:01:40Z");
    let project = Project::with(&[("one", "", ONCE), ("two", "", &later)]);
    release(&project);
    let ran = project.channels(&["report", "v1.0.0"]);
    let table = |cell: &str, last: &str| {
        format!(
            "one     T  {cell}T  {cell}T  {cell}T    T   published  https://example.org/one\n\
             two     T  {cell}T  {cell}T  {cell}T    T   published  https://example.org/two\n{last}"
        )
    };
    let half = "half visible for 1 min 40 s (from 2026-01-01T00:00:00Z to 2026-01-01T00:01:40Z)\n";
    let head = "v1.0.0  CHECK  STAGE  PUBLISH  PROMOTE  VERIFY  STATE      WHERE\n";
    let shown = timeless(&ran.stdout);
    let first = table("", half).replace("T  T  T  T    T   ", "T  T  T    T    T   ");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(shown, format!("{head}{first}"));

    release(&project);
    let again = project.channels(&["report", "v1.0.0"]);
    assert!(
        again.stdout.contains("one     0.0 s  as it was, 0.0 s  as it was, 0.0 s"),
        "{}",
        again.stdout
    );
    assert!(
        again
            .stdout
            .ends_with(&format!("nothing changed: every channel was found as wanted\n{half}")),
        "{}",
        again.stdout
    );
    let document = project.channels(&["report", "v1.0.0", "--json"]).json();
    assert_eq!(
        (document["status"].as_str(), document["verbs"].as_array().map(Vec::len)),
        (Some("unchanged"), Some(5))
    );
}

#[test]
fn the_file_holds_every_verb_of_one_tag() {
    let project = Project::with(&[("one", "", "")]);
    let verbs = || {
        let report: Value = serde_json::from_str(&project.read("dist/report.json")).unwrap();
        let verbs = report["verbs"].as_array().unwrap().iter();
        let verbs: Vec<&str> = verbs.map(|run| run["verb"].as_str().unwrap()).collect();
        format!("{} {}", report["tag"].as_str().unwrap(), verbs.join(","))
    };
    project.channels(&["check", "v1.0.0"]);
    project.channels(&["publish", "v1.0.0"]);
    assert_eq!(verbs(), "v1.0.0 check,stage,publish");
    project.channels(&["check", "v1.0.0"]);
    assert_eq!(verbs(), "v1.0.0 stage,publish,check");
    project.channels(&["check", "v1.1.0"]);
    assert_eq!(verbs(), "v1.1.0 check");
    let ran = project.channels(&["report", "v1.0.0"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "v1.0.0: nothing was done yet\n"));
}

#[test]
fn a_report_that_somebody_broke_is_begun_anew() {
    let project = Project::with(&[("one", "", "")]);
    project.write("dist/report.json", "{");
    let ran = project.channels(&["check", "v1.0.0"]);
    assert_eq!((ran.code, ran.stderr.contains("warning")), (0, false));
    assert!(project.read("dist/report.json").contains("\"tag\": \"v1.0.0\""));
}

#[test]
fn failures_are_told_once_for_all_verbs_that_met_them() {
    let project = Project::with(&[("one", "", "")]);
    project.configure(r#"{"publishers": {"one": {"tool": "./none"}}}"#);
    project.channels(&["check", "v1.0.0"]);
    project.channels(&["verify", "v1.0.0"]);
    let ran = project.channels(&["report", "v1.0.0"]);
    assert_eq!(
        timeless(&ran.stdout),
        "v1.0.0  CHECK          VERIFY         STATE    WHERE\n\
         one     failed, T  failed, T  unknown\n\
         one: check, verify: the channel `one` has no program: there is no `./none`\n"
    );
}
