//! The road of a newcomer: an empty repository with a built `dist/`, `channels init`, a rehearsal.

use testkit::Program;

/// The folder of the programs built here.
fn built() -> String {
    let own = std::env::current_exe().expect("a test knows its own path");
    let profile = own.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    assert!(profile.join("channels").is_file(), "not built yet: cargo build --workspace");
    profile.display().to_string()
}

/// Runs in `folder` with our programs first on PATH.
fn program(name: &str, folder: &std::path::Path) -> Program {
    let path = format!("{}:{}", built(), std::env::var("PATH").unwrap_or_default());
    let found =
        std::env::split_paths(&path).map(|place| place.join(name)).find(|file| file.is_file());
    let program = found.unwrap_or_else(|| name.into());
    Program::new(program, folder).env("PATH", path).env("HOME", folder.display().to_string())
}

#[test]
fn an_empty_repository_with_a_built_dist_is_rehearsed_after_init() {
    if !crate::present("just", "scripts/install-tools just") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("hello");
    for (name, text) in
        [("hello_0.1.0_linux_amd64.tar.gz", "a\n"), ("hello_0.1.0_windows_amd64.zip", "b\n")]
    {
        common::fs::replace(&project.join("dist").join(name), text.as_bytes()).unwrap();
    }
    program("git", &project).args("init -q -b main .").run().code(0);
    program("channels", &project).args("init --owner acme --repo hello").run().code(0);
    let before = program("git", &project).args("status --porcelain --ignored").run().code(0).stdout;

    let first = program("just", &project).args("rehearse v0.1.0").run().code(0);
    assert!(first.stdout.contains("github   4 of 4 same"), "{}", first.stdout);
    assert!(first.stdout.contains("promoted  http://127.0.0.1:"), "{}", first.stdout);
    assert!(first.stdout.contains("half visible for"), "{}", first.stdout);
    assert!(first.stderr.contains("rehearsal: 6 of "), "{}", first.stderr);

    let second = program("just", &project).args("rehearse v0.1.0").run().code(0);
    assert!(
        second.stdout.contains("nothing changed: every channel was found as wanted"),
        "{}",
        second.stdout
    );
    assert!(second.stderr.contains("rehearsal: 0 requests changed anything"), "{}", second.stderr);

    // The rehearsal left the repository and dist/ as they were.
    let after = program("git", &project).args("status --porcelain --ignored").run().code(0).stdout;
    assert_eq!(after, before);
    program("git", &project).args("rev-parse --verify --quiet HEAD").run().code(1);
    let mut names: Vec<String> = std::fs::read_dir(project.join("dist"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["hello_0.1.0_linux_amd64.tar.gz", "hello_0.1.0_windows_amd64.zip", "rehearsal"]
    );
}
