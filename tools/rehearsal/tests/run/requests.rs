//! What COMMAND does to the stand-ins: counted, kept for the next run, spoilt by faults on request.
//! Speaks plain HTTP from a shell, so that no program under test has a part in it.

use crate::project::{Project, command, ended};

/// `ask PART METHOD PATH BODY` prints status line and body; PART counts the ports in `ports.json`.
const ASK: &str = r#"
ask() {
  port=$(tr -d '[]' <dist/rehearsal/ports.json | cut -d, -f$1)
  exec 3<>/dev/tcp/127.0.0.1/$port
  printf '%s %s HTTP/1.1\r\nHost: here\r\nUser-Agent: test\r\nConnection: close\r\n' "$2" "$3" >&3
  printf 'Authorization: Bearer %s\r\n' "$REHEARSAL_GITHUB_TOKEN" >&3
  printf 'Content-Length: %s\r\n\r\n%s' ${#4} "$4" >&3
  sed -n -e '1s/\r$//p' -e '/"tag_name"/p' <&3 | grep -o -e '^HTTP/1.1 [0-9]*' -e '"tag_name": *"[^"]*"'
}
"#;

fn rehearse(project: &Project, options: &[&str], script: &str) -> (Option<i32>, String, String) {
    let mut command = command(env!("CARGO_BIN_EXE_rehearsal"), &project.path());
    command.arg("run").args(options).args(["--", "bash", "-c", &format!("{ASK}{script}")]);
    let ended = ended(&command.output().expect("the program under test starts"));
    (ended.code, ended.stdout, ended.stderr)
}

const PUBLISH: &str = r#"ask 1 POST /repos/acme/greet/releases '{"tag_name":"v1.0.0"}'"#;

#[test]
fn a_second_run_finds_what_the_first_one_released() {
    let project = Project::new("https://github.com/acme/greet.git");
    let (code, stdout, stderr) = rehearse(&project, &[], PUBLISH);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "HTTP/1.1 201\n\"tag_name\":\"v1.0.0\"\n"),
        "{stderr}"
    );
    let expected = "\
rehearsal: 1 of 1 requests changed something
rehearsal: git: github.com/acme/greet.git: new refs/tags/v1.0.0
rehearsal: no canary token in any output or in N files
rehearsal: state: dist/rehearsal (requests.jsonl, git/)
";
    assert_eq!(stderr, expected);
    let read = "ask 1 GET /repos/acme/greet/releases/latest";
    let (code, stdout, stderr) = rehearse(&project, &[], read);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "HTTP/1.1 200\n\"tag_name\":\"v1.0.0\"\n"),
        "{stderr}"
    );
    assert!(stderr.starts_with("rehearsal: 0 requests changed anything (of 1)\n"), "{stderr}");
}

#[test]
fn a_token_sent_to_the_storage_host_fails_the_rehearsal() {
    let project = Project::new("https://github.com/acme/greet.git");
    let (code, _, stderr) = rehearse(&project, &[], "ask 3 GET /somewhere");
    assert_eq!(code, Some(1));
    let error = "rehearsal: error: a token was sent to the storage host: GET /somewhere\n";
    assert!(stderr.contains(error), "{stderr}");
}

#[test]
fn faults_strike_and_the_next_run_goes_on() {
    let project = Project::new("https://github.com/acme/greet.git");
    let rules = r#"[{"method":"POST","path":"/repos/**","fault":{"kind":"kill_after"}}]"#;
    project.sh(&format!("printf '%s' '{rules}' >../faults.json"));
    let script = format!("{PUBLISH}; echo not reached");
    // The shell is gone; what it had started may still say something.
    let (code, stdout, stderr) = rehearse(&project, &["--faults", "../faults.json"], &script);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(!stdout.contains("not reached"), "{stdout}");
    assert!(stderr.starts_with("rehearsal: 1 of 1 requests changed something\n"), "{stderr}");
    let (code, stdout, _) = rehearse(&project, &[], "ask 1 GET /repos/acme/greet/releases/latest");
    assert_eq!((code, stdout.as_str()), (Some(0), "HTTP/1.1 200\n\"tag_name\":\"v1.0.0\"\n"));
}
