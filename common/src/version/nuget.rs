//! Semver to `NuGet`'s versions, as Chocolatey takes them.
//! Knows the two generations of labels; which one a feed speaks is its tool's business.

use std::fmt;

use anyhow::Result;
use semver::{BuildMetadata, Prerelease, Version};

use super::refused;

const FORM: &str = "a Chocolatey version";

/// The longest label a feed of the old generation accepts.
const LABEL_LENGTH: usize = 20;

/// What a feed allows as a pre-release label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// `NuGet` v2, the community feed: one word without dots, sorted letter by letter, so that numbers
    /// are padded with zeros to `digits` places and longer ones are refused.
    Flat {
        /// How many digits a number has, 1 for `rc1`.
        digits: usize,
    },
    /// `NuGet` v3 feeds: labels of semver 2, with dots.
    Dotted,
}

/// A version in `NuGet`'s normal form (three numbers, lower-case label); ordered as `NuGet` orders it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nuget(Version); // lower-case and without build metadata, semver's order is NuGet's

impl fmt::Display for Nuget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Turns a version into the form of a Chocolatey package.
///
/// `1.0.0-rc.1` becomes `1.0.0-rc1` under [`Labels::Flat`]. Refused: build metadata (it would be cut off, so
/// that two versions meet), numbers beyond 2147483647, and under `Flat` labels that need more than one dot,
/// more than 20 characters or more digits than given.
pub fn chocolatey(version: &Version, labels: Labels) -> Result<Nuget> {
    if !version.build.is_empty() {
        let reason =
            format!("`+{}` would be cut off, and the rest is another version", version.build);
        return Err(refused(version, FORM, reason)
            .hint("release it under a version without `+`")
            .into());
    }
    if [version.major, version.minor, version.patch].into_iter().any(|number| !fits(number)) {
        let reason = format!("no number may exceed {}", i32::MAX);
        return Err(refused(version, FORM, reason)
            .hint("choose a version with smaller numbers")
            .into());
    }
    // Labels are compared without regard to case.
    let lower = version.pre.as_str().to_ascii_lowercase();
    let label = match labels {
        Labels::Dotted => dotted(version, lower)?,
        Labels::Flat { .. } if lower.is_empty() => lower,
        Labels::Flat { digits } => flat(version, &lower, digits)?,
    };
    Ok(Nuget(Version {
        pre: Prerelease::new(&label)?,
        build: BuildMetadata::EMPTY,
        ..Version::new(version.major, version.minor, version.patch)
    }))
}

fn dotted(version: &Version, lower: String) -> Result<String> {
    let numeric = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let too_large = |part: &str| !part.parse().is_ok_and(fits);
    // NuGet compares numbers that do not fit as words.
    if !lower.is_empty() && lower.split('.').filter(numeric).any(too_large) {
        let reason = format!("no number in a label may exceed {}", i32::MAX);
        return Err(refused(version, FORM, reason)
            .hint("number pre-releases from 1: `rc.1`")
            .into());
    }
    Ok(lower)
}

fn flat(version: &Version, lower: &str, digits: usize) -> Result<String> {
    let refuse = |reason: String, hint: &str| Err(refused(version, FORM, reason).hint(hint).into());
    let usual = "name pre-releases `alpha.1`, `beta.1` or `rc.1`";
    if !lower.starts_with(|c: char| c.is_ascii_lowercase()) {
        return refuse("a label must begin with a letter".to_owned(), usual);
    }
    let label = match lower.split_once('.') {
        None => lower.to_owned(),
        Some((word, number)) => {
            let letters = word.bytes().all(|byte| byte.is_ascii_lowercase());
            if !letters || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return refuse(
                    format!(
                        "`-{}` cannot lose its dots without meeting another version",
                        version.pre
                    ),
                    usual,
                );
            }
            if number.len() > digits {
                let reason = format!(
                    "labels are sorted letter by letter, and `{number}` has more than {digits} digits"
                );
                return refuse(
                    reason,
                    "release under the next number, or begin with padded numbers",
                );
            }
            format!("{word}{number:0>digits$}")
        }
    };
    if label.len() > LABEL_LENGTH {
        return refuse(format!("a label has at most {LABEL_LENGTH} characters"), usual);
    }
    Ok(label)
}

fn fits(number: u64) -> bool {
    i32::try_from(number).is_ok()
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    const ONE: Labels = Labels::Flat { digits: 1 };

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[track_caller]
    fn check(semver: &str, labels: Labels, expected: &str) {
        assert_eq!(chocolatey(&version(semver), labels).expect(semver).to_string(), expected);
    }

    #[track_caller]
    fn check_refused(semver: &str, labels: Labels, reason: &str) {
        let error = chocolatey(&version(semver), labels).expect_err(semver);
        assert_eq!(
            error.to_string(),
            format!("`{semver}` has no form as a Chocolatey version: {reason}")
        );
        assert!(crate::error::hint(&error).is_some());
    }

    #[test]
    fn flat_labels_lose_their_dot() {
        check("1.2.3", ONE, "1.2.3");
        check("1.0.0-rc.1", ONE, "1.0.0-rc1");
        check("1.0.0-beta", ONE, "1.0.0-beta");
        check("1.0.0-RC.1", ONE, "1.0.0-rc1");
        check("1.0.0-rc.1", Labels::Flat { digits: 3 }, "1.0.0-rc001");
        check("1.0.0-rc.10", Labels::Flat { digits: 2 }, "1.0.0-rc10");
    }

    #[test]
    fn dotted_labels_stay() {
        check("1.0.0-rc.10", Labels::Dotted, "1.0.0-rc.10");
        check("1.0.0-Alpha.1.2", Labels::Dotted, "1.0.0-alpha.1.2");
        check("1.0.0", Labels::Dotted, "1.0.0");
        check_refused(
            "1.0.0-rc.2147483648",
            Labels::Dotted,
            "no number in a label may exceed 2147483647",
        );
    }

    #[test]
    fn what_would_meet_or_swap_is_refused() {
        check_refused("1.0.0+5", ONE, "`+5` would be cut off, and the rest is another version");
        check_refused("1.0.2147483648", ONE, "no number may exceed 2147483647");
        check_refused(
            "1.0.0-rc.10",
            ONE,
            "labels are sorted letter by letter, and `10` has more than 1 digits",
        );
        check_refused(
            "1.0.0-alpha.1.2",
            ONE,
            "`-alpha.1.2` cannot lose its dots without meeting another version",
        );
        check_refused(
            "1.0.0-rc1.2",
            ONE,
            "`-rc1.2` cannot lose its dots without meeting another version",
        );
        check_refused("1.0.0-5", ONE, "a label must begin with a letter");
        check_refused("1.0.0-abcdefghijklmnopqrstu", ONE, "a label has at most 20 characters");
    }

    /// `NuGet`'s rule, written anew: numbers, then no label above any, then labels by parts without regard to case.
    fn judge(left: &Nuget, right: &Nuget) -> Ordering {
        fn parts(image: &str) -> (Vec<i32>, Option<Vec<String>>) {
            let (numbers, label) =
                image.split_once('-').map_or((image, None), |(a, b)| (a, Some(b)));
            let numbers = numbers.split('.').map(|number| number.parse().expect("int32")).collect();
            (
                numbers,
                label.map(|label| label.to_uppercase().split('.').map(str::to_owned).collect()),
            )
        }
        fn label(a: &str, b: &str) -> Ordering {
            match (a.parse::<i32>(), b.parse::<i32>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            }
        }
        let ((a, a_label), (b, b_label)) = (parts(&left.to_string()), parts(&right.to_string()));
        a.cmp(&b).then_with(|| match (a_label, b_label) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => {
                let different =
                    a.iter().zip(&b).map(|(a, b)| label(a, b)).find(|order| order.is_ne());
                different.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
        })
    }

    prop_compose! {
        fn any_version()(numbers in [0..2u64, 0..2u64, 0..2u64], pre in prop_oneof![
            Just(String::new()),
            "-[a-c]{1,3}",
            "-[a-c]{1,2}\\.(0|[1-9][0-9]{0,2})",
            "-[aA]{1,2}[0-9-]{0,2}(\\.(0|[1-9]))?(\\.[ab])?",
        ]) -> Version {
            version(&format!("{}.{}.{}{pre}", numbers[0], numbers[1], numbers[2]))
        }
    }

    fn any_labels() -> impl Strategy<Value = Labels> {
        prop_oneof![Just(Labels::Dotted), (1..4usize).prop_map(|digits| Labels::Flat { digits })]
    }

    proptest! {
        #[test]
        fn images_are_ordered_as_nuget_orders_them(a in any_version(), b in any_version(), labels in any_labels()) {
            if let (Ok(left), Ok(right)) = (chocolatey(&a, labels), chocolatey(&b, labels)) {
                prop_assert_eq!(left.cmp(&right), judge(&left, &right));
            }
        }

        #[test]
        fn words_with_dotted_numbers_keep_their_order(
            words in ["[a-z]{1,3}", "[a-z]{1,3}"], numbers in [0..120u64, 0..120u64], labels in any_labels()
        ) {
            let made = |index: usize| version(&format!("1.0.0-{}.{}", words[index], numbers[index]));
            let (a, b) = (made(0), made(1));
            if let (Ok(left), Ok(right)) = (chocolatey(&a, labels), chocolatey(&b, labels)) {
                prop_assert_eq!(judge(&left, &right), a.cmp_precedence(&b), "{} {}", left, right);
            }
        }

        #[test]
        fn everything_keeps_its_order_or_is_refused(a in any_version(), b in any_version(), labels in any_labels()) {
            let image = |version: &Version| chocolatey(version, labels);
            let held = crate::version::keeps_place(&a, std::slice::from_ref(&b), image);
            if let (Ok(()), Ok(left), Ok(right)) = (held, image(&a), image(&b)) {
                prop_assert_eq!(judge(&left, &right), a.cmp_precedence(&b));
            }
        }
    }
}
