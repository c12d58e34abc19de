//! The variables a program gets: those that every program needs, and those of its own channel.
//! Nothing else passes, so that no channel's program sees another channel's token.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use common::console::EVENTS;
use common::contract::Description;
use common::secret::Secret;

/// What every program gets: who and where it is, how to reach the network, how git is set up.
const SHARED: [&str; 61] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "TZ",
    "LANG",
    "LANGUAGE",
    "TERM",
    "NO_COLOR",
    "CI",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "SSH_ASKPASS",
    "GNUPGHOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SOURCE_DATE_EPOCH",
    "DISTRIBUTION_CONFIG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "DOCKER_CONFIG",
    "DOCKER_HOST",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CONTEXT",
    "REGISTRY_AUTH_FILE",
    "NETRC",
    "GITHUB_ACTIONS",
    "GITHUB_ACTOR",
    "GITHUB_API_URL",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_HEAD_REF",
    "GITHUB_JOB",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REF_TYPE",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_ID",
    "GITHUB_REPOSITORY_OWNER",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKFLOW",
    "GITHUB_WORKFLOW_REF",
    "GITHUB_WORKSPACE",
];

/// Families that pass as a whole, but for names that look like a secret's.
const FAMILIES: [&str; 5] = ["LC_", "GIT_", "XDG_", "RUNNER_", "LANDFALL_"];

/// Tells whether a variable's name says that its value must not be seen.
pub(crate) fn looks_secret(name: &str) -> bool {
    const WORDS: [&str; 7] =
        ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "PASSPHRASE", "AUTHORIZATION"];
    let name = name.to_ascii_uppercase();
    let key = name.ends_with("_KEY") || name.ends_with("APIKEY");
    (key || WORDS.iter().any(|word| name.contains(word))) && name != "SSH_AUTH_SOCK"
}

fn shared(name: &str) -> bool {
    let family = FAMILIES.iter().any(|family| name.starts_with(family)) && !looks_secret(name);
    SHARED.contains(&name) || family
}

/// Composes the environment of a program out of `ours`: what is shared, and `own`.
pub(crate) fn compose(
    ours: impl IntoIterator<Item = (OsString, OsString)>,
    own: &BTreeSet<String>,
) -> BTreeMap<OsString, OsString> {
    let passes =
        |name: &OsString| name.to_str().is_some_and(|name| shared(name) || own.contains(name));
    let mut environment: BTreeMap<_, _> =
        ours.into_iter().filter(|(name, _)| passes(name)).collect();
    environment.insert(EVENTS.into(), "json".into());
    // Several programs cannot ask one person at once, and one in a group of its own would stop
    // for ever at the terminal: git and ssh are told to fail instead.
    environment.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
    environment.insert("SSH_ASKPASS_REQUIRE".into(), "force".into());
    environment.entry("SSH_ASKPASS".into()).or_insert_with(|| "false".into());
    environment
}

/// Returns the variables of a channel: what its program's description names, and every `${NAME}`
/// in its own configuration and in what the rehearsal lays over it.
pub(crate) fn own(description: &Description, written: Vec<String>) -> BTreeSet<String> {
    let secrets = description.secrets.iter().map(|secret| secret.variable.clone());
    secrets.chain(description.variables.iter().cloned()).chain(written).collect()
}

/// Registers the values of a channel's secrets, so that nothing said here shows one.
pub(crate) fn hide(description: &Description, own: &BTreeSet<String>) {
    let described = |name: &str| description.secrets.iter().any(|secret| secret.variable == name);
    for name in own.iter().filter(|name| described(name) || looks_secret(name)) {
        if let Ok(value) = std::env::var(name) {
            // Registering is the purpose; the value is not needed here.
            drop(Secret::new(value.trim()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_what_is_shared_and_its_own_and_nothing_else() {
        let ours = [
            "PATH",
            "LC_ALL",
            "https_proxy",
            "GIT_AUTHOR_NAME",
            "GIT_TOKEN",
            "GITHUB_TOKEN",
            "PYPI_TOKEN",
            "RUNNER_TEMP",
            "AWS_SECRET_ACCESS_KEY",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "LD_PRELOAD",
            "LANDFALL_OVERLAY",
            "MY_ENDPOINT",
        ];
        let ours = ours.map(|name| (OsString::from(name), OsString::from("x")));
        let own = BTreeSet::from(["GITHUB_TOKEN".to_owned(), "MY_ENDPOINT".to_owned()]);
        let names: Vec<_> =
            compose(ours, &own).into_keys().map(|name| name.into_string().unwrap()).collect();
        assert_eq!(
            names,
            [
                "GITHUB_TOKEN",
                "GIT_AUTHOR_NAME",
                "GIT_TERMINAL_PROMPT",
                "LANDFALL_EVENTS",
                "LANDFALL_OVERLAY",
                "LC_ALL",
                "MY_ENDPOINT",
                "PATH",
                "RUNNER_TEMP",
                "SSH_ASKPASS",
                "SSH_ASKPASS_REQUIRE",
                "https_proxy",
            ]
        );
    }

    #[test]
    fn names_that_look_secret_are_told_apart() {
        for name in ["GITHUB_TOKEN", "CHOCO_API_KEY", "nuget_apikey", "TWINE_PASSWORD"] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "MY_ENDPOINT", "KEYBOARD"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
