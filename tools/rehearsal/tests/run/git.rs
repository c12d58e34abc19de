//! What git finds in a rehearsal: remotes of every form, rules that lead out, state that stays.
//! Real git against real bare repositories.

use crate::project::{Ended, Project, QUIET, command, ended, quiet};

#[test]
fn a_tag_is_pushed_to_the_stand_in_by_every_form_of_url() {
    for remote in [
        "https://github.com/acme/greet.git",
        "https://me@github.com/acme/greet",
        "ssh://git@github.com/acme/greet.git",
        "git@github.com:acme/greet.git",
    ] {
        let project = Project::new(remote);
        let bare = project.state().join("git/github.com/acme/greet.git");
        let refs = |project: &Project| {
            project
                .sh(&format!("git --git-dir {} for-each-ref --format='%(refname)'", bare.display()))
        };
        assert_eq!(project.run("exit 0"), quiet(0, ""));
        assert_eq!(refs(&project), "refs/heads/main\nrefs/tags/v0.9.0\n", "{remote}");
        let found = project
            .run("git push --quiet origin v1.0.0 && git ls-remote --tags origin v1.0.0 | cut -f2");
        assert_eq!((found.code, found.stdout.as_str()), (Some(0), "refs/tags/v1.0.0\n"));
        let line = "rehearsal: git: github.com/acme/greet.git: new refs/tags/v1.0.0\n";
        assert!(found.stderr.contains(line), "{}", found.stderr);
        // The state is found again by the next run, which brings the branch forward.
        project.sh("git commit -q --allow-empty -m three");
        assert_eq!(project.run("git push --quiet origin v1.0.0"), quiet(0, ""));
        assert_eq!(refs(&project), "refs/heads/main\nrefs/tags/v0.9.0\nrefs/tags/v1.0.0\n");
        assert_eq!(
            project.sh("git rev-parse HEAD"),
            project.sh(&format!("git --git-dir {} rev-parse main", bare.display()))
        );
    }
}

#[test]
fn a_remote_in_a_folder_of_this_machine_is_not_touched() {
    let other = tempfile::tempdir().unwrap();
    let real = other.path().canonicalize().unwrap().join("real.git");
    for remote in [real.display().to_string(), format!("file://{}", real.display())] {
        let project = Project::new(&remote);
        project.sh(&format!("git init -q --bare '{}'", real.display()));
        let found = project.run(&format!("git push -q origin v1.0.0 && git push -q '{remote}' main:new && git fetch -q origin new"));
        assert_eq!(found.code, Some(0), "{found:?}");
        assert_eq!(project.sh(&format!("git --git-dir '{}' for-each-ref", real.display())), "");
    }
}

#[test]
fn a_repository_whose_own_rules_lead_out_is_refused() {
    let project = Project::new("https://github.com/acme/greet.git");
    project.sh("git config url./srv/mirror/.pushInsteadOf https://github.com/acme/");
    let stderr = "rehearsal: error: refusing to rehearse: the remote `origin` would lead to `/srv/mirror/greet.git`, out of the rehearsal
  caused by: the repository's own configuration has `url./srv/mirror/.pushinsteadof` = `https://github.com/acme/`
hint: git config --local --unset-all 'url./srv/mirror/.pushinsteadof'
";
    let refused = Ended { code: Some(1), stdout: String::new(), stderr: stderr.to_owned() };
    assert_eq!(project.run("echo started"), refused);

    // The same for what is no remote today.
    project.sh("git config --unset-all url./srv/mirror/.pushinsteadof");
    project.sh("git config url.file:///srv/taps/.insteadOf https://github.com/acme/homebrew-");
    let found = project.run("echo started");
    assert_eq!((found.code, found.stdout.as_str()), (Some(1), ""));
    assert!(found.stderr.contains("git would write to `file:///srv/taps/`"), "{}", found.stderr);
}

#[test]
fn rewritten_history_is_refused_with_the_way_out() {
    let project = Project::new("https://github.com/acme/greet.git");
    assert_eq!(project.run("true"), quiet(0, ""));
    project.sh("git commit -q --amend --allow-empty -m other");
    let found = project.run("echo started");
    assert_eq!((found.code, found.stdout.as_str()), (Some(1), ""));
    let bare = project.state().join("git/github.com/acme/greet.git");
    assert!(
        found.stderr.ends_with(&format!(
            "hint: if history was rewritten, begin anew: rm -r '{}'\n",
            bare.display()
        )),
        "{}",
        found.stderr
    );
    // One that is only behind is fine.
    let project = Project::new("https://github.com/acme/greet.git");
    assert_eq!(project.run("true"), quiet(0, ""));
    project.sh("git reset -q --hard HEAD~1");
    assert_eq!(project.run("true"), quiet(0, ""));
}

#[test]
fn a_folder_without_repository_can_be_rehearsed_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(env!("CARGO_BIN_EXE_rehearsal"), folder.path());
    let output = command
        .args(["run", "--dir", "a %41 b", "--", "git", "config", "--global", "user.name"])
        .output();
    let stderr = QUIET.replace("dist/rehearsal", "a %41 b");
    assert_eq!(
        ended(&output.unwrap()),
        Ended { code: Some(0), stdout: "Rehearsal\n".to_owned(), stderr }
    );
}

#[test]
fn git_never_sees_the_state() {
    let project = Project::new("https://github.com/acme/greet.git");
    assert_eq!(project.run("git status --porcelain"), quiet(0, ""));
}
