//! Any executable takes part by the contract, and the one document and the report are as promised.

use serde_json::json;

use crate::harness::{Project, timeless};

const SCRIPT: &str = include_str!("../data/channel.sh");

/// A project with one channel of twenty lines.
fn shelf() -> Project {
    let mut project = Project::new();
    assert!(SCRIPT.lines().count() <= 20);
    Project::script(&project.path("scripts/shelf"), SCRIPT);
    project.configure(r#"{"publishers": {"shelf": {"tool": "./scripts/shelf"}}}"#);
    project.write("dist/greet.tar.gz", "bytes");
    std::fs::create_dir(project.path("shelf")).unwrap();
    project.set("SHELF", "shelf");
    project
}

#[test]
fn a_script_of_twenty_lines_is_a_whole_channel() {
    let project = shelf();
    for (verb, stdout) in [
        ("check", ""),
        ("stage", "file:shelf/v1.0.0\n"),
        ("publish", "file:shelf/v1.0.0\n"),
        ("promote", "file:shelf/v1.0.0\n"),
    ] {
        let ran = project.channels(&[verb, "v1.0.0"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, stdout), "{verb}: {}", ran.stderr);
    }
    assert_eq!(project.read("shelf/newest/greet.tar.gz"), "bytes");
    let ran = project.channels(&["status", "v1.0.0"]);
    assert_eq!(ran.stdout, "CHANNEL  STATE      WHERE\nshelf    published  file:shelf/v1.0.0\n");
    let ran = project.channels(&["verify", "v1.0.0"]);
    assert_eq!(timeless(&ran.stdout), "CHANNEL  VERIFIED  TIME\nshelf    same      T\n");

    let ran = project.channels(&["rollback", "v1.0.0", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = project.channels(&["status", "v1.0.0"]);
    assert_eq!(ran.code, 3);
    assert_eq!(
        timeless(&ran.stderr),
        "\nstatus v1.0.0: T\nshelf: `shelf status` ended with exit code 3\n\
         channels: error: v1.0.0 is not published on `shelf`\n"
    );
}

#[test]
fn a_dry_run_changes_nothing_and_leaves_no_report() {
    let project = shelf();
    let ran = project.channels(&["stage", "v1.0.0", "--dry-run", "--json"]);
    assert_eq!(
        (ran.code, &ran.json()["status"], &ran.json()["dry_run"]),
        (0, &json!("planned"), &json!(true))
    );
    assert!(!project.path("shelf/.v1.0.0").exists() && !project.path("dist/report.json").exists());
}

#[test]
fn the_document_is_one_line_and_exactly_this() {
    let project = shelf();
    let ran = project.channels(&["publish", "v1.0.0", "--json"]);
    let mut document = ran.json();
    let seconds = document["channels"][0]["seconds"].take();
    assert!(seconds.as_f64().is_some_and(|seconds| seconds > 0.0), "{seconds}");
    assert_eq!(
        document,
        json!({
            "schema": 1, "tool": "channels", "version": env!("CARGO_PKG_VERSION"), "verb": "publish",
            "tag": "v1.0.0", "dry_run": false, "status": "done",
            "channels": [{
                "name": "shelf", "tool": "shelf", "verb": "publish", "status": "done",
                "state": "published", "url": "file:shelf/v1.0.0", "code": 0, "seconds": null,
            }],
        })
    );
    let again = project.channels(&["publish", "v1.0.0", "--json"]).json();
    assert_eq!(again["status"], "unchanged");
}

#[test]
fn a_document_of_a_failure_names_kind_and_next_command() {
    let project = Project::with(&[("one", "", "echo 'disk full' >&2; exit 75")]);
    let ran = project.channels(&["stage", "v1.0.0", "--json"]);
    let document = ran.json();
    assert_eq!(ran.code, 75);
    assert_eq!(
        document["error"],
        json!({
            "kind": "temporary", "message": "stage v1.0.0 did not succeed on `one`",
            "hint": "the same may succeed later: channels stage v1.0.0 --json",
        })
    );
    assert_eq!(
        document["channels"][0]["error"],
        json!({
            "kind": "temporary",
            "message": "`one.sh stage` ended with exit code 75 and printed no document: stdout is empty",
            "causes": ["disk full"],
        })
    );
}

#[test]
fn wrong_command_lines_are_2_and_a_document_all_the_same() {
    let project = shelf();
    let ran = project.channels(&["publish", "v1.0.0", "--onyl", "shelf", "--json"]);
    assert_eq!((ran.code, ran.json()["error"]["kind"].as_str()), (2, Some("usage")));
    for (arguments, message, hint) in [
        (
            &["publish", "v1.0.0", "--only", "shlef"][..],
            "--only: `shlef` is no enabled channel",
            "did you mean `shelf`?",
        ),
        (
            &["publish", "v1.0.0", "--skip", "zzz"],
            "--skip: `zzz` is no enabled channel",
            "enabled are: shelf",
        ),
        (&["publish", "v1.0.0", "--skip", "shelf"], "no channel is left", "drop --only or --skip"),
        (
            &["publish", "1.0"],
            "invalid tag `1.0`: it is not of the form `v{version}`",
            "write `v1.0.0`",
        ),
        (
            &["rollback", "v1.0.0"],
            "refusing to roll back without an answer",
            "see what would be done: channels rollback v1.0.0 --plan, then add --yes",
        ),
    ] {
        let ran = project.channels(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert_eq!(ran.stderr, format!("channels: error: {message}\nhint: {hint}\n"));
    }
}

#[test]
fn what_no_channel_can_mean_is_told_before_anything_runs() {
    let project = Project::new();
    let says = |arguments: &[&str], code: i32, text: &str| {
        let ran = project.channels(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (code, text));
    };
    let none = "channels: error: there is no `distribution.json`\nhint: write one: channels init\n";
    says(&["check", "v1.0.0"], 2, none);
    project.configure(r#"{"publishers": {"github": {"enabled": false}}}"#);
    let none =
        "channels: error: `distribution.json` enables no channel\nhint: write one: channels init\n";
    says(&["check", "v1.0.0"], 2, none);
    project.configure(r#"{"publishers": {"a": {"tool": "./a", "needs": ["githbu"]}}}"#);
    says(
        &["check", "v1.0.0"],
        2,
        "channels: error: `a` needs `githbu`, which is no channel\nhint: did you mean `github`?\n",
    );
    project.configure(r#"{"publishers": {"a": {"tool": "./a", "needs": ["b"]}, "b": {"tool": "./b", "needs": ["a"]}}}"#);
    says(
        &["publish", "v1.0.0"],
        2,
        "channels: error: channels need each other: a needs b needs a\nhint: correct `needs` of one of them\n",
    );
}

#[test]
fn a_program_that_is_missing_is_told_with_its_key() {
    let project = Project::with(&[("one", "", "")]);
    project.configure(
        r#"{"publishers": {"one": {"tool": "./one.sh"}, "pypi": {}, "two": {"tool": "./none"}}}"#,
    );
    let ran = project.channels(&["check", "v1.0.0"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        timeless(&ran.stderr),
        "\ncheck v1.0.0: T\n\
         CHANNEL  RESULT  STATE      TIME   WHERE\n\
         one      done    published  T  https://example.org/one\n\
         pypi     failed             T\n\
         two      failed             T\n\
         pypi: the channel `pypi` has no program: `pypi-upload` is neither beside `channels` nor on PATH\n\
         pypi: hint: install it, or name another in `publishers.pypi.tool`, or set `publishers.pypi.enabled` to false\n\
         two: the channel `two` has no program: there is no `./none`\n\
         two: hint: correct `publishers.two.tool`: it is relative to the configuration's folder\n\
         channels: error: the release of v1.0.0 would fail on `pypi`, `two`\n\
         hint: correct what is said above, then: channels check v1.0.0\n"
    );
}

#[test]
fn programs_say_what_they_are_and_the_schema_grows_by_it() {
    let description = r##"description='{"priority": 3, "needs": ["github"], "verbs": ["publish", "dance"], "secrets": [{"variable": "ONE_TOKEN", "purpose": "p", "made_at": "m"}], "config": {"type": "object", "properties": {"greeting": {"$ref": "#/$defs/G"}}, "$defs": {"G": {"type": "string"}}}}'"##;
    let project = Project::with(&[("one", r#""config": {"at": "${ONE_PLACE}"}"#, description)]);
    let ran = project.channels(&["describe"]);
    assert_eq!(
        ran.stdout,
        "CHANNEL  PROGRAM   WAVE  STAGE  NEEDS   VARIABLES\n\
         one      ./one.sh  3     local  github  ONE_PLACE, ONE_TOKEN\n"
    );
    let described = project.channels(&["describe", "--json"]).json();
    assert_eq!(described["channels"][0]["description"]["verbs"], json!(["publish"]));
    let schema = project.channels(&["schema", "--json"]).json();
    assert_eq!(
        schema["properties"]["publishers"]["properties"]["one"]["$ref"],
        "#/$defs/publishers.one"
    );
    assert_eq!(schema["$defs"]["publishers.one.G"], json!({"type": "string"}));
    // A verb that it does not have is left out, and that is no failure.
    let ran = project.channels(&["check", "v1.0.0", "--json"]);
    let channel = &ran.json()["channels"][0];
    assert_eq!(
        (ran.code, &channel["state"], &channel["notes"]),
        (0, &json!("skipped"), &json!(["`one.sh` has no `check`"]))
    );
}

#[test]
fn what_was_only_staged_is_freed_and_what_was_public_is_not() {
    let project = shelf();
    let frozen = r#"{"schema": 1, "tag": "v1.0.0", "commit": "COMMIT", "artifacts": []}"#;
    project.write("dist/manifest.json", &frozen.replace("COMMIT", &"a".repeat(40)));
    project.write("dist/derived/v1.0.0/shelf/notes.md", "notes");
    assert_eq!(project.channels(&["stage", "v1.0.0"]).code, 0);
    let plan = project.channels(&["rollback", "v1.0.0", "--plan"]);
    assert_eq!((plan.code, project.path("dist/manifest.json").exists()), (0, true));
    let ran = project.channels(&["rollback", "v1.0.0", "--yes"]);
    assert!(ran.stderr.contains("nothing of v1.0.0 is anywhere"), "{}", ran.stderr);
    assert!(!project.path("dist/manifest.json").exists());
    assert!(!project.path("dist/derived/v1.0.0").exists());

    project.write("dist/manifest.json", &frozen.replace("COMMIT", &"a".repeat(40)));
    assert_eq!(project.channels(&["publish", "v1.0.0"]).code, 0);
    let ran = project.channels(&["rollback", "v1.0.0", "--yes"]);
    assert!(ran.stderr.contains("v1.0.0 was public on `shelf`"), "{}", ran.stderr);
    assert!(project.path("dist/manifest.json").exists());
}
