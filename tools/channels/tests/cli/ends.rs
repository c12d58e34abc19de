//! How programs end, well or badly, and what becomes of it.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::harness::{Project, Ran, until};

#[test]
fn the_worst_exit_code_wins() {
    for (codes, expected) in [
        (&[0, 75][..], 75),
        (&[75, 3], 3),
        (&[3, 1, 75], 1),
        (&[1, 2, 3], 2),
        (&[0, 77], 1),
        (&[0, 101], 1),
    ] {
        let scripts: Vec<(String, String)> = codes
            .iter()
            .enumerate()
            .map(|(index, code)| {
                (format!("c{index}"), format!("[ {code} = 0 ] || answer failed absent {code}"))
            })
            .collect();
        let channels: Vec<(&str, &str, &str)> =
            scripts.iter().map(|(name, script)| (name.as_str(), "", script.as_str())).collect();
        assert_eq!(
            Project::with(&channels).channels(&["check", "v1.0.0"]).code,
            expected,
            "{codes:?}"
        );
    }
}

#[track_caller]
fn check(script: &str, code: i32, message: &str) {
    let ran = Project::with(&[("one", "", script)]).channels(&["stage", "v1.0.0", "--json"]);
    let channel = &ran.json()["channels"][0];
    assert_eq!((ran.code, channel["status"].as_str()), (code, Some("failed")));
    assert_eq!(channel["error"]["message"], message);
}

#[test]
fn a_program_without_a_document_gets_one_that_says_failed() {
    check(
        "kill -9 $$",
        1,
        "`one.sh stage` was ended by signal 9 and printed no document: stdout is empty",
    );
    check(
        "exit 0",
        1,
        "`one.sh stage` ended with exit code 0 and printed no document: stdout is empty",
    );
    check(
        "echo hello; exit 0",
        1,
        "`one.sh stage` ended with exit code 0 and printed no document: \
         stdout is not one JSON document: expected value at line 1 column 1",
    );
    check(
        "echo '{\"status\":\"done\"}{}'; exit 0",
        1,
        "`one.sh stage` ended with exit code 0 and printed no document: \
         stdout is not one JSON document: trailing characters at line 1 column 18",
    );
    check(
        "echo '{\"status\":\"done\",\"schema\":9}'; exit 0",
        1,
        "`one.sh stage` ended with exit code 0 and printed no document: its schema is 9, this program reads 1",
    );
    check(
        "echo '{}'; exit 3",
        3,
        "`one.sh stage` ended with exit code 3 and printed no document: it has no `status`",
    );
}

#[test]
fn a_document_and_an_exit_code_that_disagree_are_a_failure() {
    check("echo '{\"status\":\"failed\"}'; exit 0", 1, "`one.sh stage` ended with exit code 0");
    check("echo '{\"status\":\"done\"}'; exit 75", 75, "`one.sh stage` ended with exit code 75");
    check("echo '{\"status\":\"done\"}'; kill -9 $$", 1, "`one.sh stage` was ended by signal 9");
}

#[test]
fn a_program_that_leaves_a_child_behind_does_not_keep_us() {
    let project = Project::with(&[("one", "", "tail -f /dev/null & echo $! > left")]);
    let ran = project.channels(&["stage", "v1.0.0"]);
    let left = Pid::from_raw(project.read("left").trim().parse().unwrap()).unwrap();
    kill_process(left, Signal::KILL).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A program that says it is there and then waits for ever.
const WAITS: &str = "echo $$ > pid.new; mv pid.new pid; exec tail -f /dev/null";

fn started(project: &Project, arguments: &[&str]) -> (Child, Pid, Pid) {
    let child = project.start(arguments);
    until("the program runs", || project.path("pid").exists());
    let inner = Pid::from_raw(project.read("pid").trim().parse().unwrap()).unwrap();
    let outer = Pid::from_child(&child);
    (child, outer, inner)
}

#[test]
fn an_interrupt_ends_the_programs_and_says_how_to_resume() {
    for signal in [Signal::INT, Signal::TERM] {
        let project = Project::with(&[("one", "", WAITS), ("two", r#""needs": ["one"]"#, "")]);
        let text = project.read("distribution.json");
        project.configure(&text.replacen('{', r#"{"concurrent_limit": 1, "#, 1));
        let (child, outer, inner) = started(&project, &["stage", "v1.0.0"]);
        kill_process(outer, signal).unwrap();
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!(ran.code, 75, "the same command may succeed");
        assert!(
            ran.stderr
                .contains("one: `one.sh stage` was interrupted\ntwo: not begun: interrupted\n"),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.ends_with(
                "channels: error: stage v1.0.0 was interrupted\nhint: to go on from there: channels stage v1.0.0\n"
            ),
            "{}",
            ran.stderr
        );
        assert!(test_kill_process(inner).is_err(), "the program is gone");
        assert_eq!(project.begun(), ["one stage"]);
    }
}

#[test]
fn a_second_interrupt_does_not_wait_for_a_stubborn_program() {
    let stubborn = "trap '' TERM; trap 'touch heard' INT; echo $$ > pid.new; mv pid.new pid; while :; do read -r line < fifo; done";
    let project = Project::with(&[(
        "one",
        "",
        &format!("mkfifo fifo; trap 'touch heard' TERM; {}", &stubborn[14..]),
    )]);
    let (child, outer, inner) = started(&project, &["stage", "v1.0.0"]);
    kill_process(outer, Signal::INT).unwrap();
    // An interrupted `read` runs the trap: the program was asked, and goes on.
    until("the program heard of it", || project.path("heard").exists());
    kill_process(outer, Signal::INT).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    assert!(test_kill_process(inner).is_err(), "the program is gone");
}
