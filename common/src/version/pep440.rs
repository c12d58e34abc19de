//! Semver to PEP 440, the versions of Python packages.
//! Knows no index; what an index allows beyond the form itself is its tool's business.

use std::fmt;

use anyhow::Result;
use semver::Version;

use super::refused;
use crate::error::Failure;

const FORM: &str = "a Python version (PEP 440)";
const HINT: &str = "name pre-releases `alpha.1`, `beta.1` or `rc.1`";

/// A version by PEP 440 in its normal form; ordered as Python orders it, printed as `1.2.3rc1+local`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pep440 {
    // The fields stand in the order in which PEP 440 compares them.
    release: (u64, u64, u64),
    phase: Phase,
    number: u64,
    local: Vec<Segment>,
}

/// In Python's order: `1.0.dev1` comes before `1.0a1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Development,
    Alpha,
    Beta,
    Candidate,
    Final,
}

/// A part of a local version; numbers come after words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(u64),
}

/// Turns a version into its PEP 440 form; build metadata becomes a local version.
///
/// `1.2.3-rc.1` becomes `1.2.3rc1`. The words are those of PEP 440: `a`/`alpha`, `b`/`beta`,
/// `rc`/`c`/`pre`/`preview`, `dev`, in any case, with a number (`rc.1`, `rc1`) or without
/// (`alpha`, which is `a0`). Refused is what Python sorts differently than semver or would take for
/// another version: `post.1` (before the release in semver, after it in Python), `rc10` (before `rc9`
/// in semver), `1.0.0-1` (a post-release in Python), `alpha.1.2`.
pub fn pep440(version: &Version) -> Result<Pep440> {
    let (phase, number) = pre_release(version)?;
    Ok(Pep440 {
        release: (version.major, version.minor, version.patch),
        phase,
        number,
        local: local(version)?,
    })
}

/// Turns a version into its PEP 440 form for a public index, where build metadata is refused.
pub fn pep440_public(version: &Version) -> Result<Pep440> {
    if version.build.is_empty() {
        return pep440(version);
    }
    let reason = format!("`+{}` is a local version, which public indexes refuse", version.build);
    Err(refused(version, FORM, reason).hint("release it under a version without `+`").into())
}

fn pre_release(version: &Version) -> Result<(Phase, u64)> {
    let refuse = |reason: &str| Err(refused(version, FORM, reason).hint(HINT).into());
    if version.pre.is_empty() {
        return Ok((Phase::Final, 0));
    }
    let lower = version.pre.as_str().to_ascii_lowercase();
    let (word, number) = match lower.split_once('.') {
        Some((word, number)) => (word, number),
        None => lower.split_at(lower.trim_end_matches(|c: char| c.is_ascii_digit()).len()),
    };
    let phase = match word {
        "dev" => Phase::Development,
        "a" | "alpha" => Phase::Alpha,
        "b" | "beta" => Phase::Beta,
        "c" | "rc" | "pre" | "preview" => Phase::Candidate,
        "post" | "rev" | "r" => {
            return refuse("semver sorts it before the release, Python after it");
        }
        "" => return refuse("Python reads a number alone as a release after the final one"),
        _ => return refuse(&format!("`-{}` has no counterpart there", version.pre)),
    };
    if number.is_empty() {
        return Ok((phase, 0));
    }
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse(&format!("`-{}` has no counterpart there", version.pre));
    }
    let undotted = !lower.contains('.');
    if undotted && number.len() > 1 {
        let reason = format!("semver sorts `{word}10` before `{word}9`, Python after it");
        let hint =
            format!("put a dot before the number: `{word}.{}`", number.trim_start_matches('0'));
        return Err(refused(version, FORM, reason).hint(hint).into());
    }
    match number.parse() {
        Ok(number) => Ok((phase, number)),
        Err(_) => refuse("its number is too large"),
    }
}

fn local(version: &Version) -> Result<Vec<Segment>> {
    let build = version.build.as_str();
    if build.is_empty() {
        return Ok(Vec::new());
    }
    let refuse = |reason: &str| -> Failure {
        let hint = "write build metadata in lower-case letters and digits with dots between";
        refused(version, FORM, format!("in `+{build}` {reason}")).hint(hint)
    };
    let segment = |text: &str| {
        if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return Err(refuse(
                "Python would change letters or dashes, so that two versions could meet",
            )
            .into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Segment::Word(text.to_owned()));
        }
        if text.len() > 1 && text.starts_with('0') {
            return Err(
                refuse("Python would drop leading zeros, so that two versions could meet").into()
            );
        }
        text.parse().map(Segment::Number).map_err(|_| refuse("a number is too large").into())
    };
    build.split('.').map(segment).collect()
}

impl fmt::Display for Pep440 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.release;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.phase {
            Phase::Development => write!(f, ".dev{}", self.number)?,
            Phase::Alpha => write!(f, "a{}", self.number)?,
            Phase::Beta => write!(f, "b{}", self.number)?,
            Phase::Candidate => write!(f, "rc{}", self.number)?,
            Phase::Final => {}
        }
        for (index, segment) in self.local.iter().enumerate() {
            f.write_str(if index == 0 { "+" } else { "." })?;
            match segment {
                Segment::Word(word) => f.write_str(word)?,
                Segment::Number(number) => write!(f, "{number}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[track_caller]
    fn check(semver: &str, expected: &str) {
        let image = pep440(&version(semver)).expect(semver).to_string();
        assert_eq!(image, expected);
        // Python's own normal form of what we print is what we print.
        assert_eq!(pep440_rs::Version::from_str(&image).expect(&image).to_string(), expected);
    }

    #[track_caller]
    fn check_refused(semver: &str, reason: &str) {
        let error = pep440(&version(semver)).expect_err(semver);
        assert_eq!(
            error.to_string(),
            format!("`{semver}` has no form as a Python version (PEP 440): {reason}")
        );
        assert!(crate::error::hint(&error).is_some());
    }

    #[test]
    fn the_words_of_pep_440_are_known() {
        check("1.2.3", "1.2.3");
        check("1.2.3-rc.1", "1.2.3rc1");
        check("1.0.0-RC.1", "1.0.0rc1");
        check("1.0.0-rc1", "1.0.0rc1");
        check("1.0.0-alpha", "1.0.0a0");
        check("1.0.0-alpha.1", "1.0.0a1");
        check("1.0.0-a.11", "1.0.0a11");
        check("1.0.0-beta.2", "1.0.0b2");
        check("1.0.0-b2", "1.0.0b2");
        check("1.0.0-pre.3", "1.0.0rc3");
        check("1.0.0-dev.4", "1.0.0.dev4");
        check("1.0.0-rc.1+ubuntu.5", "1.0.0rc1+ubuntu.5");
    }

    #[test]
    fn what_has_no_counterpart_is_refused() {
        check_refused("1.0.0-alpha.1.2", "`-alpha.1.2` has no counterpart there");
        check_refused("1.0.0-x.7.z.92", "`-x.7.z.92` has no counterpart there");
        check_refused("1.0.0-alpha.beta", "`-alpha.beta` has no counterpart there");
        check_refused("1.0.0-alpha-1", "`-alpha-1` has no counterpart there");
    }

    #[test]
    fn what_python_sorts_differently_is_refused() {
        check_refused("1.0.0-post.1", "semver sorts it before the release, Python after it");
        check_refused("1.0.0-1", "Python reads a number alone as a release after the final one");
        check_refused("1.0.0-rc10", "semver sorts `rc10` before `rc9`, Python after it");
        check_refused("1.0.0-rc.99999999999999999999", "its number is too large");
    }

    #[test]
    fn local_versions_are_refused_for_public_indexes() {
        let error = pep440_public(&version("1.0.0-alpha+5")).expect_err("local");
        let reason = "`+5` is a local version, which public indexes refuse";
        assert_eq!(
            error.to_string(),
            format!("`1.0.0-alpha+5` has no form as a Python version (PEP 440): {reason}")
        );
        assert_eq!(pep440_public(&version("1.0.0-alpha")).expect("public").to_string(), "1.0.0a0");
        for unclear in ["1.0.0+A", "1.0.0+a-b", "1.0.0+01", "1.0.0+99999999999999999999"] {
            assert!(pep440(&version(unclear)).is_err(), "{unclear}");
        }
    }

    prop_compose! {
        fn any_version()(numbers in [0..2u64, 0..2u64, 0..2u64], pre in pre_release_text()) -> Version {
            version(&format!("{}.{}.{}{pre}", numbers[0], numbers[1], numbers[2]))
        }
    }

    fn pre_release_text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            "-(a|alpha|b|beta|rc|c|pre|preview|dev|post|RC|Alpha)(\\.)?(0|[1-9][0-9]{0,2})?"
                .prop_map(|text| text.trim_end_matches('.').to_owned()),
            "-[a-z]{1,3}[0-9]{0,2}\\.(0|[1-9])(\\.[a-z]{1,2})?",
        ]
    }

    /// The word of a pre-release, whether a dot and whether a number follow it: what a project keeps throughout.
    fn spelling(version: &Version) -> (String, bool, bool) {
        let pre = version.pre.as_str();
        let word = pre.chars().take_while(char::is_ascii_alphabetic).collect();
        (word, pre.contains('.'), pre.ends_with(|c: char| c.is_ascii_digit()))
    }

    proptest! {
        #[test]
        fn images_are_ordered_as_python_orders_them(a in any_version(), b in any_version()) {
            if let (Ok(left), Ok(right)) = (pep440(&a), pep440(&b)) {
                let judge = |image: &Pep440| pep440_rs::Version::from_str(&image.to_string()).expect("valid");
                prop_assert_eq!(left.cmp(&right), judge(&left).cmp(&judge(&right)));
            }
        }

        #[test]
        fn one_spelling_keeps_its_order(a in any_version(), b in any_version()) {
            let comparable = a.pre.is_empty() || b.pre.is_empty() || spelling(&a) == spelling(&b)
                || (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch);
            if let (true, Ok(left), Ok(right)) = (comparable, pep440(&a), pep440(&b)) {
                prop_assert_eq!(left.cmp(&right), a.cmp_precedence(&b), "{} {}", left, right);
            }
        }

        #[test]
        fn the_usual_words_keep_their_order_among_each_other(
            words in [0..3usize, 0..3usize], numbers in [0..40u64, 0..40u64]
        ) {
            let made = |index: usize| version(&format!("1.0.0-{}.{}", ["alpha", "beta", "rc"][words[index]], numbers[index]));
            let (a, b) = (made(0), made(1));
            let order = pep440(&a).expect("usual").cmp(&pep440(&b).expect("usual"));
            prop_assert_eq!(order, a.cmp_precedence(&b));
        }

        #[test]
        fn mixed_spellings_keep_their_order_or_are_refused(a in any_version(), b in any_version()) {
            let judge = |version: &Version| pep440(version).map(|image| pep440_rs::Version::from_str(&image.to_string()).expect("valid"));
            let held = crate::version::keeps_place(&a, std::slice::from_ref(&b), pep440);
            if let (Ok(()), Ok(left), Ok(right)) = (held, judge(&a), judge(&b)) {
                prop_assert_eq!(left.cmp(&right), a.cmp_precedence(&b));
            }
        }
    }
}
