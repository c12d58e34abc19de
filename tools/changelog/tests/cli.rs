//! The real program in temporary git repositories; stdout, stderr and exit code are compared whole.
//! Knows the program from outside only.

mod project;

use project::Project;

#[test]
fn section_holds_the_commits_since_the_last_release_by_group() {
    let project = Project::new();
    project.commit("feat: old");
    project.tag("v1.0.0");
    let fix = project.commit("fix(cli): say `please`");
    let other = project.commit("Tidy up");
    let breaking = project.commit("feat!: shout\n\nBREAKING CHANGE: ears hurt");
    project.commit("feat: greet in French (#12)");
    project.commit("chore(release): 1.1.0");
    project.tag("v1.1.0");
    project.commit("feat: later");
    project.prints(
        &["section", "v1.1.0"],
        &format!(
            "## [1.1.0] - 2025-01-02\n\n\
             ### Breaking changes\n\n- shout — ears hurt (`{breaking}`)\n\n\
             ### Features\n\n- greet in French (#12)\n\n\
             ### Fixes\n\n- **cli:** say `please` (`{fix}`)\n\n\
             ### Other\n\n- Tidy up (`{other}`)\n"
        ),
    );
}

#[test]
fn notes_tell_what_changed_how_to_install_it_and_the_checksums() {
    let project = Project::new();
    project.commit("feat: old");
    project.tag("v1.0.0");
    project.commit("feat: greet in French (#12)");
    project.tag("v1.1.0");
    project.write_manifest("v1.1.0");
    project.write(
        "distribution.json",
        r#"{"publishers": {
            "github": {"config": {"owner": "acme", "repo": "greet", "token": "${GITHUB_TOKEN}"}},
            "gomodule": {"config": {"module_path": "github.com/acme/greet"}},
            "homebrew": {"config": {"tap": "acme/homebrew-tap"}},
            "docker": {"enabled": false, "config": {"image": "ghcr.io/acme/greet"}},
            "pypi": {}}}"#,
    );
    let expected = format!(
        "## What changed\n\n\
         ### Features\n\n- greet in French ([#12](https://github.com/acme/greet/pull/12))\n\n\
         All changes: [v1.0.0...v1.1.0](https://github.com/acme/greet/compare/v1.0.0...v1.1.0)\n\n\
         ## Install\n\n\
         | Platform | File | Size |\n| --- | --- | ---: |\n\
         | Linux (x86-64) | [greet_1.1.0_linux_amd64.tar.gz](https://github.com/acme/greet/releases/download/v1.1.0/greet%5F1.1.0%5Flinux%5Famd64.tar.gz) | 1.5 MB |\n\n\
         Unpack the archive for your platform and put the program into a folder on your `PATH`.\n\n\
         - Go: `go install github.com/acme/greet@v1.1.0`\n\
         - Homebrew: `brew install acme/tap/greet`\n\
         - PyPI: `pip install greet==1.1.0`\n\n\
         ## Checksums\n\n\
         ```text\n{}  greet-1.1.0-py3-none-any.whl\n{}  greet_1.1.0_linux_amd64.tar.gz\n```\n\n\
         The same is in `checksums.txt`: `sha256sum --check --ignore-missing` reads it beside the files.\n",
        "d".repeat(64),
        "e".repeat(64),
    );
    project.prints(&["notes", "v1.1.0"], &expected);
    // No clock, no chance: the same bytes again.
    project.prints(&["notes", "v1.1.0", "--manifest", "dist/manifest.json"], &expected);
}

#[test]
fn flags_stand_in_for_a_configuration() {
    let project = Project::new();
    project.commit("one");
    project.tag("v1.1.0");
    project.write_manifest("v1.1.0");
    let left = project.run(&[
        "notes",
        "v1.1.0",
        "--include-commits=false",
        "--include-prs=false",
        "--url-template=https://example.com/{tag}/{name}",
        "--channel=docker=ghcr.io/acme/greet",
        "--channel=nix=nix run github:acme/greet",
    ]);
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
    assert!(left.stdout.starts_with("## Install\n\n| Platform |"), "{}", left.stdout);
    for part in [
        "(https://example.com/v1.1.0/greet%5F1.1.0%5Flinux%5Famd64.tar.gz)",
        "- Container image: `docker pull ghcr.io/acme/greet:1.1.0`\n- nix: `nix run github:acme/greet`\n",
    ] {
        assert!(left.stdout.contains(part), "{}", left.stdout);
    }
}

#[test]
fn a_written_changelog_takes_the_place_of_commits() {
    let project = Project::new();
    project.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [1.0.0] - 2025-01-01\n\n- Greets <!-- landfall manifest=0 -->\n",
    );
    project.git(&["add", "CHANGELOG.md"]);
    project.commit("feat: not shown");
    project.tag("v1.0.0");
    // What lies in the work tree is of another day.
    project.write("CHANGELOG.md", "## [1.0.0]\n\n- Changed since\n");
    project.prints(
        &["notes", "v1.0.0"],
        "## What changed\n\n- Greets <\u{200b}!-- landfall manifest=0 -->\n",
    );
    project.prints(
        &["notes", "v1.0.0", "--changelog", "CHANGELOG.md"],
        "## What changed\n\n- Changed since\n",
    );
    project.write("EMPTY.md", "## [2.0.0]\n");
    project.fails(
        &["notes", "v1.0.0", "--changelog", "EMPTY.md"],
        1,
        "changelog: error: failed to find what changed\n  caused by: `EMPTY.md` says nothing of `v1.0.0`\n\
         hint: add a section `## [1.0.0]`, or leave out --changelog\n",
    );
}

#[test]
fn the_release_before_is_the_highest_lower_one_that_was_reached() {
    let project = Project::new();
    project.commit("feat: one");
    project.tag("v1.0.0");
    project.git(&["checkout", "--quiet", "-b", "old"]);
    project.commit("fix: on another branch");
    project.tag("v1.0.9");
    project.git(&["checkout", "--quiet", "main"]);
    let two = project.commit("feat: two");
    project.tag("v1.1.0-rc.1");
    project.tag("not-a-version");
    let three = project.commit("feat: three");
    project.tag("v1.1.0-rc.2");
    project.tag("v1.1.0");
    let heading = "## [1.1.0] - 2025-01-02\n\n### Features\n\n";
    project.prints(
        &["section", "v1.1.0"],
        &format!("{heading}- three (`{three}`)\n- two (`{two}`)\n"),
    );
    let candidate = heading.replace("1.1.0", "1.1.0-rc.2");
    project.prints(&["section", "v1.1.0-rc.2"], &format!("{candidate}- three (`{three}`)\n"));
}

#[test]
fn products_have_their_own_tags() {
    let project = Project::new();
    project.write("distribution.json", r#"{"tag_pattern": "greet/v{version}"}"#);
    project.commit("one");
    project.tag("greet/v1.0.0");
    let two = project.commit("two");
    project.tag("v1.0.5");
    let three = project.commit("three");
    project.tag("greet/v1.1.0");
    let expected =
        format!("## [1.1.0] - 2025-01-02\n\n### Other\n\n- three (`{three}`)\n- two (`{two}`)\n");
    project.prints(&["section", "greet/v1.1.0"], &expected);
    project.fails(
        &["section", "v1.1.0"],
        2,
        "changelog: error: invalid tag `v1.1.0`: it is not of the form `greet/v{version}`\nhint: write `greet/v1.1.0`\n",
    );
}

#[test]
fn a_tag_that_was_not_made_yet_stands_for_head() {
    let project = Project::new();
    let one = project.commit("feat: one");
    project.prints(
        &["section", "v0.1.0"],
        &format!("## [0.1.0] - 2025-01-02\n\n### Features\n\n- one (`{one}`)\n"),
    );
}

#[test]
fn pull_requests_are_found_in_merges_and_subjects() {
    let project = Project::new();
    project.commit("chore: begin");
    project.tag("v1.0.0");
    project.git(&["checkout", "--quiet", "-b", "topic"]);
    let step = project.commit("fix: a step on the way");
    project.git(&["checkout", "--quiet", "main"]);
    project.commit("docs: explain (#8)");
    let message = "Merge pull request #7 from acme/topic\n\nfeat: the whole thing";
    project.git(&["merge", "--quiet", "--no-ff", "-m", message, "topic"]);
    project.tag("v1.1.0");
    let all = format!(
        "## What changed\n\n### Features\n\n- the whole thing (#7)\n\n### Fixes\n\n- a step on the way (`{step}`)\n\n\
         ### Other\n\n- docs: explain (#8)\n"
    );
    project.prints(&["notes", "v1.1.0"], &all);
    let only = "## What changed\n\n### Features\n\n- the whole thing (#7)\n\n### Other\n\n- docs: explain (#8)\n";
    project.prints(&["notes", "v1.1.0", "--include-commits", "false"], only);
    let left = project.run(&["notes", "v1.1.0", "--include-prs", "false"]);
    assert!(
        !left.stdout.contains("the whole thing") && !left.stdout.contains("#8"),
        "{}",
        left.stdout
    );
}

#[test]
fn hostile_commits_are_shown_and_do_nothing() {
    let project = Project::new();
    let script = project
        .commit("feat: <script>alert(1)</script> [x](javascript:alert) ![](https://e.example/p)");
    let mention = project.commit(
        "fix: thanks @everyone `<!-- landfall manifest=0 -->` <!-- landfall manifest=1 -->",
    );
    let escape = project.commit("# \u{1b}[31mred\u{202e}|x|");
    project.prints(
        &["notes", "v1.0.0"],
        &format!(
            "## What changed\n\n### Features\n\n\
             - &lt;script&gt;alert(1)&lt;/script&gt; \\[x\\](javascript:alert) !\\[\\](https://e.example/p) (`{script}`)\n\n\
             ### Fixes\n\n\
             - thanks `@everyone` `<\u{200b}!-- landfall manifest=0 -->` &lt;!-- landfall manifest=1 --&gt; (`{mention}`)\n\n\
             ### Other\n\n- \\#  \\[31mred \\|x\\| (`{escape}`)\n"
        ),
    );
}

#[test]
fn long_histories_end_with_a_count() {
    let project = Project::new();
    for number in 0..60 {
        project.commit(&format!("fix: {number} {}", "x".repeat(60)));
    }
    let left = project.run(&["notes", "v1.0.0", "--limit", "2000"]);
    assert_eq!(left.code, Some(0));
    let shown = left.stdout.lines().filter(|line| line.starts_with("- ")).count();
    assert!(
        left.stdout.ends_with(&format!("\n\nand {} more commits\n", 60 - shown)),
        "{}",
        left.stdout
    );
    assert!(left.stdout.len() <= 2000 && left.stdout.len() > 1800, "{}", left.stdout.len());
    project.fails(
        &["notes", "v1.0.0", "--limit", "100"],
        2,
        "changelog: error: `--limit 100` leaves no room for notes\nhint: give at least 2000\n",
    );
}

#[test]
fn built_files_without_git_have_notes_and_no_section() {
    let project = Project::without_git();
    project.write_manifest("v1.1.0");
    let left = project.run(&["notes", "v1.1.0"]);
    assert_eq!(left.code, Some(0));
    assert_eq!(
        left.stderr,
        "changelog: warning: there is no git history here, so the notes do not say what changed\n"
    );
    assert!(
        left.stdout.starts_with("## Install\n\n| Platform | File | Size |\n"),
        "{}",
        left.stdout
    );
    let refused = "changelog: error: there is no git history here\nhint: run it in the project's repository: git status\n";
    project.fails(&["section", "v1.1.0"], 1, refused);
    project.git(&["init", "--quiet"]);
    project.fails(&["section", "v1.1.0"], 1, refused);
    assert_eq!(project.run(&["notes", "v1.1.0"]), left);
}

#[test]
fn a_shallow_clone_that_hides_the_last_release_is_refused() {
    let project = Project::new();
    project.commit("feat: one");
    project.tag("v1.0.0");
    project.commit("feat: two");
    let origin = format!("file://{}", project.path().display());
    let clone = Project::without_git();
    clone.git(&["clone", "--quiet", "--depth=1", &origin, "."]);
    clone.fails(
        &["notes", "v1.1.0"],
        1,
        "changelog: error: this clone is shallow and holds no earlier release, so what changed is unknown\n\
         hint: git fetch --unshallow --tags\n",
    );
}

#[test]
fn a_manifest_of_another_tag_is_refused() {
    let project = Project::new();
    project.commit("one");
    project.write_manifest("v1.1.0");
    project.fails(
        &["notes", "v1.2.0"],
        1,
        "changelog: error: the manifest is of `v1.1.0`, the notes are for `v1.2.0`\n\
         hint: make the manifest of this tag: checksum create v1.2.0\n",
    );
}

#[test]
fn values_that_could_slip_into_a_command_are_refused() {
    let project = Project::new();
    project.commit("one");
    project.fails(
        &["notes", "v1.0.0", "--channel", "pypi=greet; rm -rf ~"],
        2,
        "changelog: error: `greet; rm -rf ~` is nothing that `pypi` installs\n\
         hint: name what is installed, not the command: pypi=greet\n",
    );
}

#[test]
fn a_version_that_a_channel_cannot_hold_is_left_out_and_said() {
    let project = Project::new();
    project.commit("one");
    let left = project.run(&["notes", "v1.0.0-x.7.z.92", "--channel", "pypi=greet"]);
    assert_eq!(left.code, Some(0));
    assert!(!left.stdout.contains("pip install"), "{}", left.stdout);
    assert_eq!(
        left.stderr,
        "changelog: warning: the notes leave `pypi` out: `1.0.0-x.7.z.92` has no form as a Python version (PEP 440): \
         `-x.7.z.92` has no counterpart there\n"
    );
}

#[test]
fn json_carries_the_same_text() {
    let project = Project::new();
    let one = project.commit("feat: \"one\"");
    let text = format!("## What changed\n\n### Features\n\n- \"one\" (`{one}`)\n");
    let expected = serde_json::json!({
        "schema": 1, "tool": "changelog", "version": "0.1.0", "verb": "notes", "tag": "v1.0.0",
        "dry_run": false, "status": "done", "text": text,
    });
    let left = project.run(&["notes", "v1.0.0", "--json"]);
    assert_eq!((left.code, left.stderr.as_str(), left.stdout.lines().count()), (Some(0), "", 1));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&left.stdout).expect("JSON"), expected);
}

#[test]
fn no_git_setting_of_the_user_changes_the_notes() {
    let project = Project::new();
    project.commit("feat: one");
    let before = project.run(&["notes", "v1.0.0"]);
    project.write(
        ".gitconfig",
        "[log]\n showSignature = true\n decorate = full\n date = relative\n showRoot = false\n\
         [color]\n ui = always\n[core]\n abbrev = 20\n pager = false\n[format]\n pretty = oneline\n[i18n]\n logOutputEncoding = latin1\n",
    );
    assert_eq!(project.run(&["notes", "v1.0.0"]), before);
}
