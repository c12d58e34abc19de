//! Waves, the gate, needs, and what runs at once.

use crate::harness::{Project, timeless};

#[test]
fn waves_follow_each_other_by_priority_and_a_need_goes_before() {
    let project = Project::with(&[
        ("early", r#""priority": 1"#, ""),
        ("late", r#""priority": 9"#, ""),
        ("middle", "", r#"description='{"priority": 5}'"#),
        ("needy", r#""priority": 1, "needs": ["middle"]"#, ""),
    ]);
    let ran = project.channels(&["publish", "v1.0.0"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let begun = project.begun();
    let mut staged = begun[..4].to_vec();
    staged.sort();
    assert_eq!(staged, ["early stage", "late stage", "middle stage", "needy stage"]);
    assert_eq!(begun[4..], ["early publish", "middle publish", "needy publish", "late publish"]);

    project.forget();
    project.channels(&["rollback", "v1.0.0", "--yes"]);
    assert_eq!(
        project.begun(),
        ["late rollback", "needy rollback", "middle rollback", "early rollback"]
    );
}

#[test]
fn inside_a_wave_channels_run_at_once() {
    // Each waits for the other: one after the other they would never end.
    let meet = "touch met-$name; while [ ! -e met-$other ]; do :; done";
    let project = Project::with(&[
        ("a", "", &format!("other=b; {meet}")),
        ("b", "", &format!("other=a; {meet}")),
    ]);
    assert_eq!(project.channels(&["stage", "v1.0.0"]).code, 0);
}

#[test]
fn no_more_run_at_once_than_the_limit_says() {
    let project = Project::with(&[("a", "", ""), ("b", "", ""), ("c", "", "")]);
    let text = project.read("distribution.json");
    project.configure(&text.replacen('{', r#"{"concurrent_limit": 1, "#, 1));
    assert_eq!(project.channels(&["check", "v1.0.0"]).code, 0);
    let expected = [
        "a check begin",
        "a check end",
        "b check begin",
        "b check end",
        "c check begin",
        "c check end",
    ];
    assert_eq!(project.log(), expected);
}

const FAILS_TO_STAGE: &str = "[ $verb != stage ] || { echo 'no room' >&2; exit 1; }";

#[test]
fn nothing_is_published_unless_every_required_channel_is_staged() {
    let project = Project::with(&[("good", "", ""), ("poor", "", FAILS_TO_STAGE)]);
    let ran = project.channels(&["publish", "v1.0.0"]);
    assert_eq!(ran.code, 1);
    let mut begun = project.begun();
    begun.sort();
    assert_eq!(begun, ["good stage", "poor stage"]);
    assert!(
        ran.stderr.ends_with(
            "channels: error: nothing was published: `poor` could not be staged\n\
             hint: correct what is said above, then: channels publish v1.0.0\n"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_optional_channel_holds_back_nobody_and_costs_no_exit_code() {
    let project =
        Project::with(&[("good", "", ""), ("poor", r#""optional": true"#, FAILS_TO_STAGE)]);
    assert_eq!(project.channels(&["stage", "v1.0.0"]).code, 0);
    project.forget();
    let ran = project.channels(&["publish", "v1.0.0"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(project.begun().last().map(String::as_str), Some("good publish"));
    let report = "CHANNEL  RESULT              STATE      TIME   WHERE\n\
                  good     done                published  T  https://example.org/good\n\
                  poor     skipped (optional)             T\n\
                  poor: not published: it could not be staged\n";
    assert!(timeless(&ran.stderr).ends_with(report), "{}", ran.stderr);
}

#[test]
fn a_failing_channel_stops_only_those_that_need_it() {
    let project = Project::with(&[
        ("base", "", "[ $verb != publish ] || answer failed partial 75"),
        ("free", r#""priority": 90"#, ""),
        ("needy", r#""needs": ["base"]"#, ""),
        ("needier", r#""needs": ["needy"]"#, ""),
    ]);
    let ran = project.channels(&["publish", "v1.0.0"]);
    assert_eq!(ran.code, 75);
    assert_eq!(project.begun()[4..], ["base publish", "free publish"]);
    let stderr = timeless(&ran.stderr);
    let report = "CHANNEL  RESULT   STATE      TIME   WHERE\n\
                  base     failed   partial    T  https://example.org/base\n\
                  free     done     published  T  https://example.org/free\n\
                  needier  skipped             T\n\
                  needy    skipped             T\n\
                  base: `base.sh publish` ended with exit code 75\n\
                  needier: not published: it needs `needy`, which failed\n\
                  needy: not published: it needs `base`, which failed\n";
    assert!(stderr.contains(report), "{stderr}");
}

#[test]
fn a_need_outside_this_run_is_asked_how_it_stands() {
    for (state, code, begun) in [
        ("published", 0, &["needy stage", "base status", "needy publish"][..]),
        ("staged", 1, &["needy stage", "base status"]),
    ] {
        let answer = format!("[ $verb != status ] || answer done {state}");
        let project =
            Project::with(&[("base", "", &answer), ("needy", r#""needs": ["base"]"#, "")]);
        let ran = project.channels(&["publish", "v1.0.0", "--only", "needy"]);
        assert_eq!(
            (ran.code, project.begun().as_slice()),
            (code, begun.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice())
        );
    }
}

#[test]
fn promotion_needs_what_it_points_at_to_be_published() {
    let project = Project::with(&[
        (
            "base",
            "",
            "case $verb in promote) answer failed published 1 ;; status) answer done published ;; esac",
        ),
        ("needy", r#""needs": ["base"]"#, ""),
    ]);
    let ran = project.channels(&["promote", "v1.0.0"]);
    assert_eq!(
        (ran.code, project.begun()),
        (1, vec!["base promote".into(), "base status".into(), "needy promote".into()])
    );
}

#[test]
fn only_and_skip_choose_among_the_enabled() {
    let project = Project::with(&[
        ("a", "", ""),
        ("b", "", ""),
        ("c", "", ""),
        ("d", r#""enabled": false"#, ""),
    ]);
    let chosen = |arguments: &[&str]| {
        project.forget();
        assert_eq!(project.channels(arguments).code, 0);
        let mut begun = project.begun();
        begun.sort();
        begun.join(",")
    };
    assert_eq!(chosen(&["check", "v1.0.0"]), "a check,b check,c check");
    assert_eq!(chosen(&["check", "v1.0.0", "--only", "a,c"]), "a check,c check");
    assert_eq!(chosen(&["check", "v1.0.0", "--only", "a,c", "--skip", "c"]), "a check");
    assert_eq!(chosen(&["check", "v1.0.0", "--skip", "a", "--skip", "b"]), "c check");
}

#[test]
fn flags_of_one_verb_reach_the_programs_and_rollback_is_rehearsed_by_plan() {
    let project = Project::with(&[("a", "", "echo \"$options\" > asked")]);
    let asked = |arguments: &[&str]| {
        assert_eq!(project.channels(arguments).code, 0);
        project.read("asked").trim().to_owned()
    };
    let common = "v1.0.0 --config distribution.json --channel a --dist dist --json";
    assert_eq!(asked(&["check", "v1.0.0"]), format!("check {common}"));
    assert_eq!(
        asked(&["promote", "v1.0.0", "--allow-lower", "-v"]),
        format!("promote {common} --verbose --allow-lower")
    );
    assert_eq!(
        asked(&["verify", "v1.0.0", "--wait=2m", "--install"]),
        format!("verify {common} --wait=120s --install")
    );
    assert_eq!(
        asked(&["rollback", "v1.0.0", "--plan", "--to", "v0.9.0"]),
        format!("rollback {common} --dry-run --to=v0.9.0")
    );
    assert_eq!(
        asked(&["rollback", "v1.0.0", "--yes", "--delete"]),
        format!("rollback {common} --delete --yes")
    );
}
