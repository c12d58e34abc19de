//! The git configuration of a rehearsal: every url of any host leads to the stand-ins' folder.
//! Pure text; knows nothing of what is in the repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::remote::{HERE, Place};

/// Ways to write the begin of a url whose next part is the host.
const SCHEMES: [&str; 7] =
    ["https://", "http://", "git://", "ssh://git@", "ssh://", "git+ssh://git@", "git+ssh://"];

/// Returns the url by which git reaches the folder of the stand-ins' repositories, with a final
/// slash. A `file:` url and not a path, so that clones behave as over a network.
pub(super) fn base(git_dir: &Path) -> String {
    // git decodes %XX in what looks like a url, and nothing else.
    format!("file://{}/", git_dir.display().to_string().replace('%', "%25"))
}

/// Writes the configuration file that git reads instead of the user's own.
pub(super) fn configuration(git_dir: &Path, places: &[Place], hosts: &BTreeSet<String>) -> String {
    let mut text = String::from(
        "# Written by `rehearsal run` for the length of a rehearsal.\n\
         [user]\n\tname = Rehearsal\n\temail = rehearsal@landfall.invalid\n\
         [init]\n\tdefaultBranch = main\n\
         # The folder may belong to another user, in a container for instance.\n\
         [safe]\n\tdirectory = *\n\
         # A clone in CI is often shallow.\n\
         [receive]\n\tshallowUpdate = true\n\
         [protocol]\n\tallow = never\n\
         [protocol \"file\"]\n\tallow = always\n",
    );
    for (target, rules) in rules(git_dir, places, hosts) {
        let _ = writeln!(text, "[url {}]", quoted(&target));
        for (key, prefix) in rules {
            let _ = writeln!(text, "\t{key} = {}", quoted(&prefix));
        }
    }
    text
}

type Rules = BTreeMap<String, BTreeSet<(&'static str, String)>>;

/// Lists what is replaced, by what replaces it. The longest match wins in git, and a matching
/// `pushInsteadOf` wins over any `insteadOf`, so each rule is given in both forms.
fn rules(git_dir: &Path, places: &[Place], hosts: &BTreeSet<String>) -> Rules {
    let base = base(git_dir);
    let mut rules = Rules::new();
    let mut both = |prefix: String, folder: &str| {
        let set = rules.entry(format!("{base}{folder}")).or_default();
        set.insert(("insteadOf", prefix.clone()));
        set.insert(("pushInsteadOf", prefix));
    };
    for scheme in SCHEMES {
        both(scheme.to_owned(), "");
    }
    for host in hosts {
        both(format!("git@{host}:"), &format!("{host}/"));
    }
    for place in places {
        both(place.prefix.clone(), &place.folder);
    }
    let mut push = |prefix: String, folder: &str| {
        rules.entry(format!("{base}{folder}")).or_default().insert(("pushInsteadOf", prefix));
    };
    // Reading from a folder of this machine harms nobody; writing to one does.
    push("/".to_owned(), &format!("{HERE}/"));
    push("file:///".to_owned(), &format!("{HERE}/"));
    push("./".to_owned(), &format!("{HERE}/relative/"));
    push("../".to_owned(), &format!("{HERE}/relative/"));
    // What is inside already stays where it is.
    push(base.clone(), "");
    push(format!("{}/", git_dir.display()), "");
    rules
}

/// Quotes a value for git's configuration format (git-config, "Syntax").
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::sh::{Shell, cmd, read};
    use std::time::Duration;

    /// Asks git itself where a url leads.
    #[track_caller]
    fn check(remotes: &[&str], arguments: &str, url: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        // A name that needs care everywhere.
        let git_dir = folder.path().join("a \"b\" %41\\c");
        let places: Vec<_> =
            remotes.iter().map(|url| Place::of(url, Path::new("/top")).unwrap()).collect();
        let hosts = BTreeSet::from(["github.com".to_owned()]);
        let file = folder.path().join("gitconfig");
        common::fs::replace(&file, configuration(&git_dir, &places, &hosts).as_bytes()).unwrap();
        let shell = Shell::new().unwrap();
        shell.change_dir(folder.path());
        for (name, value) in
            [("GIT_CONFIG_GLOBAL", file.as_os_str()), ("GIT_CONFIG_NOSYSTEM", "1".as_ref())]
        {
            shell.set_var(name, value);
        }
        let soon = Duration::from_secs(20);
        read(cmd!(shell, "git init --quiet ."), soon).unwrap();
        read(cmd!(shell, "git remote add r {url}"), soon).unwrap();
        let arguments = arguments.split_whitespace();
        let found = read(cmd!(shell, "git remote get-url {arguments...} r"), soon).unwrap();
        assert_eq!(found, format!("{}{expected}", base(&git_dir)), "{url}");
    }

    #[test]
    fn git_sends_every_url_to_the_stand_ins() {
        for arguments in ["", "--push"] {
            for url in [
                "https://github.com/acme/greet.git",
                "http://github.com/acme/greet.git",
                "git://github.com/acme/greet.git",
                "ssh://git@github.com/acme/greet.git",
                "ssh://github.com/acme/greet.git",
                "git+ssh://git@github.com/acme/greet.git",
                "git@github.com:acme/greet.git",
            ] {
                check(&[], arguments, url, "github.com/acme/greet.git");
                check(
                    &["https://github.com/acme/greet"],
                    arguments,
                    url,
                    "github.com/acme/greet.git",
                );
            }
            let odd = "https://me@git.example.com:8443/a/b";
            check(&[odd], arguments, odd, "git.example.com/a/b");
            check(&["/srv/greet/.git"], arguments, "/srv/greet/.git", "localhost/srv/greet");
            check(&["../o"], arguments, "../o", "localhost/o");
        }
    }

    #[test]
    fn a_push_to_a_folder_of_this_machine_stays_inside() {
        check(&[], "--push", "/srv/greet.git", "localhost/srv/greet.git");
        check(&[], "--push", "file:///srv/greet.git", "localhost/srv/greet.git");
        check(&[], "--push", "../greet.git", "localhost/relative/greet.git");
    }
}
