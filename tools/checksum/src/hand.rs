//! What the configuration says by hand of artifacts: `"artifacts": {"NAME OR GLOB": {"os": ..., "arch": ...}}`.
//! Knows nothing of how the rest was recognised.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use common::config::ArtifactRule;
use common::error::Failure;
use globset::{Glob, GlobMatcher};

use crate::recognise::Recognised;

/// The rules of a configuration, ready to be asked.
#[derive(Debug)]
pub(crate) struct Hand<'a> {
    exact: &'a BTreeMap<String, ArtifactRule>,
    /// The longest first: the more a pattern spells out, the more it means.
    globs: Vec<(&'a str, GlobMatcher)>,
    used: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Hand<'a> {
    /// Prepares the rules.
    pub(crate) fn new(rules: &'a BTreeMap<String, ArtifactRule>) -> Result<Self> {
        let mut globs = Vec::new();
        for pattern in rules.keys().filter(|key| key.contains(['*', '?', '[', '{'])) {
            let glob = Glob::new(pattern).map_err(|error| {
                Failure::usage(format!("`artifacts.{pattern}` in the configuration is no pattern"))
                    .because(error)
            })?;
            globs.push((pattern.as_str(), glob.compile_matcher()));
        }
        globs.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        Ok(Self { exact: rules, globs, used: RefCell::new(BTreeSet::new()) })
    }

    /// Tells whether a file is left out of the release.
    pub(crate) fn excludes(&self, name: &str) -> bool {
        self.rule(name).is_some_and(|rule| rule.exclude)
    }

    fn rule(&self, name: &str) -> Option<&'a ArtifactRule> {
        let exact = self.exact.get_key_value(name).map(|(key, _)| key.as_str());
        let glob = || self.globs.iter().find(|(_, glob)| glob.is_match(name)).map(|(key, _)| *key);
        let key = exact.or_else(glob)?;
        self.used.borrow_mut().insert(key);
        self.exact.get(key)
    }

    /// Lays the rule for a name over what was recognised.
    pub(crate) fn apply(&self, name: &str, recognised: &mut Recognised) {
        let Some(rule) = self.rule(name) else { return };
        if let Some(kind) = rule.kind {
            recognised.kind = kind;
            recognised.look_inside = false;
            // Whoever names the kind has looked at the file: what is missing now is meant to be.
            recognised.doubt = None;
        }
        for (said, own) in [
            (&rule.os, &mut recognised.os),
            (&rule.arch, &mut recognised.arch),
            (&rule.libc, &mut recognised.libc),
            (&rule.variant, &mut recognised.variant),
        ] {
            if let Some(said) = said {
                *own = Some(Cow::Owned(said.clone()));
            }
        }
        recognised.settle();
    }

    /// Returns the rules that no file matched.
    pub(crate) fn unused(&self) -> Vec<&'a str> {
        let used = self.used.borrow();
        self.exact.keys().map(String::as_str).filter(|key| !used.contains(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::recognise;
    use common::manifest::Kind;

    fn rule(os: &str, arch: &str) -> ArtifactRule {
        ArtifactRule { os: Some(os.into()), arch: Some(arch.into()), ..ArtifactRule::default() }
    }

    #[test]
    fn an_exact_name_beats_a_pattern_and_a_longer_pattern_a_shorter() {
        let rules = BTreeMap::from([
            ("greet-*".to_owned(), rule("linux", "amd64")),
            ("greet-big*".to_owned(), rule("darwin", "arm64")),
            ("greet-big.tgz".to_owned(), rule("windows", "386")),
            ("never".to_owned(), ArtifactRule::default()),
        ]);
        let hand = Hand::new(&rules).expect("rules");
        let target = |name: &str| {
            let mut recognised = recognise(name, None);
            hand.apply(name, &mut recognised);
            assert_eq!(recognised.doubt, None, "{name}");
            recognised.target().expect("a target").to_string()
        };
        assert_eq!(target("greet-small.tar.xz"), "linux/amd64");
        assert_eq!(target("greet-bigger.tar.xz"), "darwin/arm64");
        assert_eq!(target("greet-big.tgz"), "windows/386");
        assert_eq!(hand.unused(), ["never"]);
    }

    #[test]
    fn a_rule_completes_what_a_name_says_and_can_leave_a_file_out() {
        let rules = BTreeMap::from([
            (
                "k3s-arm64".to_owned(),
                ArtifactRule { os: Some("linux".into()), ..ArtifactRule::default() },
            ),
            ("*.pdb".to_owned(), ArtifactRule { exclude: true, ..ArtifactRule::default() }),
        ]);
        let hand = Hand::new(&rules).expect("rules");
        let mut recognised = recognise("k3s-arm64", None);
        hand.apply("k3s-arm64", &mut recognised);
        assert_eq!(recognised.kind, Kind::Binary);
        assert_eq!(recognised.target().expect("a target").to_string(), "linux/arm64");
        assert!(hand.excludes("greet.pdb") && !hand.excludes("k3s-arm64"));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let rules = BTreeMap::from([("greet-[".to_owned(), ArtifactRule::default())]);
        let error = Hand::new(&rules).expect_err("no pattern").to_string();
        assert_eq!(error, "`artifacts.greet-[` in the configuration is no pattern");
    }
}
