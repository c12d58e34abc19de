//! What a program gets to see, and what of it is seen elsewhere.

use crate::harness::Project;

const DUMPS: &str = "env | sort > env-$name-$verb";

fn names(project: &Project, file: &str) -> Vec<String> {
    let text = project.read(file);
    let names =
        text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned());
    // What a shell adds by itself says nothing.
    names.filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(&name.as_str())).collect()
}

#[test]
fn a_program_gets_only_the_variables_of_its_own_channel() {
    let described = format!(
        "description='{{\"variables\": [\"TWO_ENDPOINT\"], \"secrets\": [{{\"variable\": \"TWO_TOKEN\", \"purpose\": \"p\", \"made_at\": \"m\"}}]}}'\n{DUMPS}"
    );
    let mut project = Project::with(&[
        ("one", r#""config": {"token": "${ONE_TOKEN}", "not": "$${NOT_ASKED}"}"#, DUMPS),
        ("two", "", &described),
    ]);
    for name in [
        "ONE_TOKEN",
        "TWO_TOKEN",
        "TWO_ENDPOINT",
        "NOT_ASKED",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "CI",
    ] {
        project.set(name, &format!("value-of-{name}"));
    }
    assert_eq!(project.channels(&["stage", "v1.0.0"]).code, 0);
    let shared = ["CI", "GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT", "HOME", "LANDFALL_EVENTS"];
    let rest = ["PATH", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE"];
    let with = |own: &[&str]| {
        let mut all: Vec<String> = shared
            .iter()
            .chain(&rest)
            .chain(own)
            .chain(&["USER"])
            .map(ToString::to_string)
            .collect();
        all.sort();
        all
    };
    assert_eq!(names(&project, "env-one-stage"), with(&["ONE_TOKEN"]));
    assert_eq!(names(&project, "env-two-stage"), with(&["TWO_ENDPOINT", "TWO_TOKEN"]));
}

#[test]
fn a_description_is_asked_with_no_token_at_all() {
    let mut project = Project::with(&[("one", r#""config": {"token": "${ONE_TOKEN}"}"#, "")]);
    Project::script(
        &project.path("one.sh"),
        "#!/bin/sh\n[ $1 != describe ] || env > described\necho '{\"status\":\"done\"}'\n",
    );
    project.set("ONE_TOKEN", "one-canary-1");
    assert_eq!(project.channels(&["stage", "v1.0.0"]).code, 0);
    assert!(project.read("described").contains("LANDFALL_EVENTS=json"));
    assert!(!project.read("described").contains("one-canary-1"));
}

#[test]
fn a_token_that_a_program_gives_away_is_starred_out_everywhere() {
    let leak = "echo \"using $ONE_TOKEN\" >&2; echo '{\"event\":\"step\",\"text\":\"'$ONE_TOKEN'\"}' >&2
        echo '{\"status\":\"done\",\"state\":\"staged\",\"url\":\"https://u:'$ONE_TOKEN'@example.org\",\"notes\":[\"'$ONE_TOKEN'\"]}'; exit 0";
    let mut project = Project::with(&[("one", r#""config": {"token": "${ONE_TOKEN}"}"#, leak)]);
    project.set("ONE_TOKEN", "one-canary-2");
    for arguments in
        [&["stage", "v1.0.0", "--json"][..], &["stage", "v1.0.0"], &["report", "v1.0.0"]]
    {
        let ran = project.channels(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("canary"), "{ran:?}");
        assert!(
            format!("{}{}", ran.stdout, ran.stderr).contains("https://u:***@example.org"),
            "{ran:?}"
        );
    }
    assert!(!project.read("dist/report.json").contains("canary"));
}

#[test]
fn what_programs_say_moves_no_cursor_and_hides_nothing() {
    let hostile = r#"printf '\033[2Jcleared\a\n' >&2; echo '{"event":"item","name":"a\u001b[31m","action":"created"}' >&2; echo '{"event":"dance"}' >&2
        echo '{"status":"done","state":"published","url":"https://example.org/\u001b[31m"}'; exit 0"#;
    let ran = Project::with(&[("one", "", hostile)]).channels(&["stage", "v1.0.0"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stdout, "https://example.org/\\u{1b}[31m\n");
    assert!(
        ran.stderr.starts_with("one: \\u{1b}[2Jcleared\\u{7}\none: created a\\u{1b}[31m\n"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains("dance"));
}

#[test]
fn a_rehearsal_leaves_out_what_cannot_be_rehearsed() {
    let can = format!("description='{{\"rehearsal\": true}}'\n{DUMPS}");
    let mut project = Project::with(&[("can", "", &can), ("cannot", "", "")]);
    let overlay = r#"{"tools": {"can.sh": {"config": {"token": "${REHEARSAL_CAN_TOKEN}"}}}}"#;
    project.write("overlay.json", overlay);
    project.set("LANDFALL_OVERLAY", "overlay.json");
    project.set("REHEARSAL_CAN_TOKEN", "canary");
    project.set("REHEARSAL_OTHER_TOKEN", "canary");
    let ran = project.channels(&["publish", "v1.0.0", "--json"]);
    assert_eq!((ran.code, project.begun()), (0, vec!["can stage".into(), "can publish".into()]));
    let left_out = &ran.json()["channels"][1];
    assert_eq!(left_out["state"], "skipped");
    assert_eq!(left_out["notes"][0], "`./cannot.sh` does not say that it can be rehearsed");
    let got = names(&project, "env-can-stage");
    assert!(
        got.contains(&"REHEARSAL_CAN_TOKEN".into()) && got.contains(&"LANDFALL_OVERLAY".into()),
        "{got:?}"
    );
    assert!(!got.contains(&"REHEARSAL_OTHER_TOKEN".into()), "{got:?}");
}
