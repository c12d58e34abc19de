//! The rules of this workspace that can be checked: sizes, names, pages, dependencies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::sh::{self, cmd};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    common::fs::read_text(&root().join(path)).expect("a file of the workspace")
}

/// Everything git knows, with what is new and not ignored.
fn files() -> Vec<String> {
    let shell = sh::shell_in(&root()).expect("a shell");
    let list = cmd!(shell, "git ls-files --cached --others --exclude-standard");
    let text = sh::read(list, Duration::from_secs(60)).expect("git lists its files");
    text.lines().filter(|name| root().join(name).is_file()).map(str::to_owned).collect()
}

fn sources() -> Vec<String> {
    files()
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "rs"))
        .collect()
}

fn tools() -> Vec<String> {
    let mut tools: Vec<String> = files()
        .iter()
        .filter_map(|name| Some(name.strip_prefix("tools/")?.split_once('/')?.0.to_owned()))
        .collect();
    tools.dedup();
    tools
}

#[track_caller]
fn none(what: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn a_main_is_a_page() {
    let mains = sources().into_iter().filter(|name| name.ends_with("src/main.rs"));
    none("longer than 60 lines", mains.filter(|name| read(name).lines().count() > 60));
}

/// Files to be split by their next change; who splits one strikes it here.
const LONG: [&str; 3] = [
    "tools/changelog/tests/cli.rs",
    "tools/checksum/src/recognise/platform.rs",
    "tools/checksum/tests/cli/create.rs",
];

#[test]
fn a_file_holds_one_idea_in_350_lines() {
    let long = |name: &String| read(name).lines().count() > 350;
    let mut found: Vec<String> = sources().into_iter().filter(long).collect();
    found.sort();
    assert_eq!(found, LONG, "split the file, or strike it from the list");
}

#[test]
fn every_tool_has_lints_a_page_and_a_row_in_the_readme() {
    let readme = read("README.md");
    none(
        "no `[lints] workspace = true`",
        tools().into_iter().filter(|tool| {
            !read(format!("tools/{tool}/Cargo.toml")).contains("[lints]\nworkspace = true")
        }),
    );
    none(
        "no page",
        tools()
            .into_iter()
            .filter(|tool| !root().join(format!("tools/{tool}/README.md")).is_file()),
    );
    none(
        "no row in README.md",
        tools()
            .into_iter()
            .filter(|tool| !readme.contains(&format!("| [`{tool}`](tools/{tool}/README.md) |"))),
    );
}

#[test]
fn names_say_something() {
    let empty = ["util", "utils", "helper", "helpers", "misc", "types", "prelude", "manager"];
    none(
        "a name that says nothing",
        sources().into_iter().filter(|name| {
            let parts = name.trim_end_matches(".rs").split('/');
            parts.into_iter().any(|part| empty.contains(&part))
        }),
    );
}

#[test]
fn every_source_says_what_it_is_for() {
    none(
        "does not open with `//!`",
        sources().into_iter().filter(|name| !read(name).starts_with("//!")),
    );
}

#[test]
fn nothing_is_left_for_later() {
    // In pieces, so that this file does not hold the words itself.
    let words = [["to", "do!("], ["unimplemen", "ted!("], ["#[igno", "re"], ["FIX", "ME"]]
        .map(|word| word.concat());
    none(
        "left for later",
        sources().into_iter().filter(|name| {
            let text = read(name);
            words.iter().any(|word| text.contains(word))
        }),
    );
    let pause = ["thread::", "sleep"].concat();
    none(
        "a test that sleeps",
        sources().into_iter().filter(|name| name.contains("tests/") && read(name).contains(&pause)),
    );
}

#[test]
fn checksum_links_no_tls() {
    let shell = sh::shell_in(&root()).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree =
        cmd!(shell, "{cargo} tree --offline --locked -p checksum --edges normal --prefix none");
    let text = sh::read(tree, Duration::from_secs(120)).unwrap();
    assert!(text.contains("sha2 v"), "{text}");
    none(
        "linked by checksum",
        text.lines()
            .filter(|line| {
                ["ureq ", "rustls ", "ring ", "hyper "].iter().any(|name| line.starts_with(name))
            })
            .map(str::to_owned),
    );
}

#[test]
fn the_stand_ins_know_no_tool() {
    let manifest = read("tools/rehearsal/Cargo.toml");
    none(
        "a tool that rehearsal depends on",
        tools().into_iter().filter(|tool| {
            manifest.lines().any(|line| {
                line.starts_with(&format!("{tool}.")) || line.starts_with(&format!("{tool} "))
            })
        }),
    );
}

#[test]
fn the_top_level_is_the_agreed_one() {
    let agreed = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Justfile",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "common",
        "scripts",
        "tests",
        "tools",
    ];
    let mut top: Vec<String> =
        files().iter().filter_map(|name| name.split('/').next().map(str::to_owned)).collect();
    top.dedup();
    none(
        "at the top level",
        top.into_iter().filter(|name| !name.starts_with('.') && !agreed.contains(&name.as_str())),
    );
}

#[test]
fn no_file_but_a_tools_source_names_a_registry_of_packages() {
    // In pieces, so that this file does not hold the names itself.
    let hosts = [
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["crates", ".io"],
        ["npmjs", ".org"],
        ["npmjs", ".com"],
        ["proxy.gol", "ang.org"],
        ["sum.gol", "ang.org"],
    ]
    .map(|host| host.concat());
    // Cargo writes this line itself.
    let index = ["github.com/rust-lang/crates", ".io-index"].concat();
    none(
        "names a registry's host",
        files().into_iter().filter(|name| {
            // The default of a setting; templates beside the source are not meant.
            let parts: Vec<&str> = name.split('/').collect();
            let source = Path::new(name).extension().is_some_and(|end| end == "rs");
            let default = source && matches!(parts[..], ["tools", _, "src", ..]);
            let bytes = common::fs::read(&root().join(name)).unwrap();
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            if name == "Cargo.lock" {
                text = text.replace(&index, "");
            }
            !default && hosts.iter().any(|host| text.contains(host))
        }),
    );
}

#[test]
fn recipes_are_one_to_three_lines() {
    for file in ["Justfile", "scripts/release.just"] {
        let text = read(file);
        let mut length = 0;
        for line in text.lines() {
            length = if line.starts_with([' ', '\t']) { length + 1 } else { 0 };
            assert!(length <= 3, "{file}: a recipe is longer than three lines: {line}");
        }
    }
}

#[test]
fn the_changelog_speaks_of_this_version_once() {
    let text = read("CHANGELOG.md");
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
    let of =
        |name: &str| headings.iter().filter(|line| line.contains(&format!("[{name}]"))).count();
    let (unreleased, version) = (of("Unreleased"), of(env!("CARGO_PKG_VERSION")));
    assert!(unreleased <= 1 && version <= 1 && unreleased + version > 0, "{headings:#?}");
}
