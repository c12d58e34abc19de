//! How a rehearsal ends: the exit code, the report, and every leak found.
//! stdout, stderr and code are compared whole where nothing in them depends on the machine.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use crate::project::{Ended, Project, QUIET, command, ended, quiet};

#[test]
fn a_canary_that_gets_out_is_found_and_fails_the_rehearsal() {
    let cases = [
        ("printf 'a b %s' $TOKEN", "canary token in stdout at byte 4 (plain)"),
        ("printf '%s' $TOKEN >&2", "canary token in stderr at byte 0 (plain)"),
        (
            "printf '%s' ${TOKEN%?????}; printf '%s' ${TOKEN#${TOKEN%?????}}",
            "canary token in stdout at byte 0 (plain)",
        ),
        ("printf 'x:%s' $TOKEN | base64 -w0", "canary token in stdout at byte 3 (base64)"),
        ("printf 'me:%s' $TOKEN | base64 -w0 >out", "canary token in `out` at byte 4 (base64)"),
        (
            "printf '%s' $TOKEN | sed s/-/%2D/g >out",
            "canary token in `out` at byte 0 (percent-encoded)",
        ),
        (
            "mkdir -p dist/receipts; echo $TOKEN >dist/receipts/a",
            "canary token in `dist/receipts/a` at byte 0 (plain)",
        ),
        ("git config remote.origin.token x$TOKEN", "canary token in `.git/config` at byte "),
        ("echo $TOKEN >~/.netrc", "canary token in `dist/rehearsal/home/.netrc` at byte 0 (plain)"),
        ("echo $TOKEN >$TMPDIR/a", "at byte 0 (plain)"),
        (">out.$TOKEN", "at byte 0 (plain)"),
    ];
    for (script, expected) in cases {
        let project = Project::new("https://github.com/acme/greet.git");
        let found = project.run(&format!("TOKEN=$REHEARSAL_GITHUB_TOKEN; {script}"));
        let errors: Vec<_> =
            found.stderr.lines().filter(|line| line.contains("rehearsal: error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(expected), "{script}: {found:?}");
        assert_eq!(found.code, Some(1), "{script}");
        assert!(!found.stderr.contains("no canary token"), "{script}");
    }
}

#[test]
fn output_and_exit_code_are_those_of_the_command() {
    let project = Project::new("https://github.com/acme/greet.git");
    assert_eq!(project.run("printf 'a\\0b'; exit 75"), quiet(75, "a\0b"));
    assert_eq!(project.run("kill -KILL $$"), quiet(1, ""));
    let found = project.run("echo talk >&2; exit 3");
    assert_eq!((found.code, found.stderr), (Some(3), format!("talk\n{QUIET}")));
    let output = command(env!("CARGO_BIN_EXE_rehearsal"), &project.path())
        .args(["run", "--", "no-such-program"])
        .output();
    let expected = "rehearsal: error: failed to start `no-such-program`\n  caused by: No such file or directory (os error 2)\n";
    let expected = Ended { code: Some(2), stdout: String::new(), stderr: expected.to_owned() };
    assert_eq!(ended(&output.unwrap()), expected);
}

#[test]
fn a_signal_ends_the_command_and_still_there_is_a_report() {
    let project = Project::new("https://github.com/acme/greet.git");
    // The shell waits for something that never comes, so that the trap runs at once.
    let script = "trap 'kill $!; echo ended; exit 9' TERM; tail -f /dev/null & echo ready; wait";
    let mut child =
        project.rehearsal(script).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");

    // Meanwhile the folder belongs to it.
    let second = project.run("echo started");
    assert_eq!((second.code, second.stdout.as_str()), (Some(75), ""));
    assert!(
        second.stderr.contains(&format!("is held by process {}\n", child.id())),
        "{}",
        second.stderr
    );

    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    stdout.read_to_string(&mut line).unwrap();
    assert_eq!(line, "ready\nended\n");
    let output = child.wait_with_output().unwrap();
    let expected = Ended { code: Some(9), stdout: String::new(), stderr: QUIET.to_owned() };
    assert_eq!(ended(&output), expected);
}
