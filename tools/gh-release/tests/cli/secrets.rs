//! The token is nowhere but in the header it belongs to.

use crate::gh_release;
use testkit::Scene;

#[test]
fn no_output_and_no_file_holds_the_token() {
    let scene = Scene::new("v1.0.0");
    let token = scene.stand_ins.environment().into_iter().next().unwrap().1;
    let mut said = String::new();
    for arguments in
        ["v1.0.0 -v --json", "verify v1.0.0 -v", "status v1.0.0 -v", "rollback v1.0.0 --yes -v"]
    {
        let ran = gh_release(&scene, arguments).run().code(0);
        said.push_str(&ran.stdout);
        said.push_str(&ran.stderr);
    }
    assert!(said.len() > 1000 && !said.contains(&token));
    let mut folders = vec![scene.project.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = common::fs::read(&entry.path()).unwrap();
            files += 1;
            let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!found, "{}", entry.path().display());
        }
    }
    assert!(files > 10);
}

#[test]
fn a_token_command_is_asked_and_its_failure_is_said() {
    let scene = Scene::new("v1.0.0");
    let overlay = scene.project.join("overlay.json");
    let base = scene.stand_ins.overlay()["tools"]["gh-release"]["config"]["base_url"].clone();
    let write = |command: &str| {
        let config = serde_json::json!({"base_url": base, "token_command": command});
        let text = serde_json::json!({"tools": {"gh-release": {"config": config}}}).to_string();
        common::fs::replace(&overlay, text.as_bytes()).unwrap();
        gh_release(&scene, "stage v1.0.0")
            .env("LANDFALL_OVERLAY", overlay.display().to_string())
            .run()
    };
    write("exit 7").code(1);
    write("printf '%s\\n' \"$REHEARSAL_GITHUB_TOKEN\"").code(0);
}
