//! A release tag and the version in it: one parser for the form a project gave its tags.
//! Knows nothing of git repositories or channels; whether the tag exists is asked elsewhere.

use std::fmt;

use anyhow::Result;
use semver::Version;
use serde::{Serialize, Serializer};

use crate::error::Failure;

/// The form of a tag where the configuration names none.
pub const DEFAULT_PATTERN: &str = "v{version}";

const PLACEHOLDER: &str = "{version}";

/// The longest tag accepted, in bytes: as a file name it stays below the 255 that file systems allow.
const MAX_LENGTH: usize = 200;

/// A tag whose name was checked against the project's pattern and git's rules for names.
///
/// It serializes as its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    name: String,
    version: Version,
}

impl Tag {
    /// Reads a tag by `pattern`, in which `{version}` stands for the version (default `v{version}`).
    ///
    /// The version is exactly semver 2.0.0: `X.Y.Z[-pre][+build]`. Anything else is a usage failure
    /// whose hint says how the tag should look.
    pub fn parse(text: &str, pattern: Option<&str>) -> Result<Self> {
        let pattern = Pattern::parse(pattern.unwrap_or(DEFAULT_PATTERN))?;
        if let Some(reason) = git_refuses(text) {
            return Err(invalid(text, &reason, &pattern));
        }
        let Some(core) = pattern.version_part(text) else {
            return Err(invalid(text, &format!("it is not of the form `{pattern}`"), &pattern));
        };
        match Version::parse(core) {
            Ok(version) => Ok(Self { name: text.to_owned(), version }),
            Err(error) => {
                Err(invalid(text, &format!("`{}` is no version: {error}", shown(core)), &pattern))
            }
        }
    }

    /// Returns the whole name, as git and GitHub know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version alone.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Tells whether semver calls this a pre-release.
    pub fn is_prerelease(&self) -> bool {
        !self.version.pre.is_empty()
    }

    /// Returns the name as one folder or file name: `greet/v1.2.3` becomes `greet~v1.2.3`.
    ///
    /// Two tags never share one, because git allows no `~` in a tag.
    pub fn file_name(&self) -> String {
        self.name.replace('/', "~")
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// What stands before and after the version.
struct Pattern<'a> {
    before: &'a str,
    after: &'a str,
}

impl<'a> Pattern<'a> {
    fn parse(text: &'a str) -> Result<Self> {
        let refuse = |reason: &str| {
            Failure::usage(format!("invalid `tag_pattern` `{}`: {reason}", shown(text)))
                .hint("write `v{version}`, or with a product in front `greet/v{version}`")
        };
        let Some((before, after)) = text.split_once(PLACEHOLDER) else {
            return Err(refuse("it holds no `{version}`").into());
        };
        // Only characters that every file system, shell and registry leaves alone.
        let portable = |c: char| c.is_ascii_alphanumeric() || "._-/@+".contains(c);
        if !before.chars().chain(after.chars()).all(portable) {
            let reason = "beside one `{version}` it may hold letters, digits and `. _ - / @ +`";
            return Err(refuse(reason).into());
        }
        let pattern = Self { before, after };
        if let Some(reason) = git_refuses(&pattern.fill("1.2.3")) {
            return Err(refuse(&reason).into());
        }
        Ok(pattern)
    }

    fn version_part<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(self.before)?.strip_suffix(self.after)
    }

    fn fill(&self, version: &str) -> String {
        format!("{}{version}{}", self.before, self.after)
    }
}

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fill(PLACEHOLDER))
    }
}

fn invalid(text: &str, reason: &str, pattern: &Pattern<'_>) -> anyhow::Error {
    let hint = match repaired(text, pattern) {
        Some(name) => format!("write `{name}`"),
        None => format!(
            "a tag looks like `{}` or `{}`",
            pattern.fill("1.2.3"),
            pattern.fill("1.2.3-rc.1")
        ),
    };
    let message = match text {
        "" => "invalid tag: it is empty".to_owned(),
        _ => format!("invalid tag `{}`: {reason}", shown(text)),
    };
    Failure::usage(message).hint(hint).into()
}

/// Makes the tag that was probably meant; what would need a guess gives none.
fn repaired(text: &str, pattern: &Pattern<'_>) -> Option<String> {
    let text = text.trim();
    let core = pattern.version_part(text).unwrap_or_else(|| {
        let last = text.rsplit('/').next().unwrap_or(text);
        last.strip_prefix(['v', 'V']).unwrap_or(last)
    });
    let end = core.find(['-', '+']).unwrap_or(core.len());
    let (numbers, rest) = core.split_at(end);
    let mut numbers: Vec<u64> =
        numbers.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    // A fourth number that is 0 says nothing; any other would be lost.
    if numbers.len() > 4 || numbers.get(3).is_some_and(|&number| number != 0) {
        return None;
    }
    numbers.resize(3, 0);
    let version = format!("{}.{}.{}{rest}", numbers[0], numbers[1], numbers[2]);
    Version::parse(&version).ok()?;
    let name = pattern.fill(&version);
    git_refuses(&name).is_none().then_some(name)
}

/// Returns why git would not take this as the name of a tag (the rules of git-check-ref-format),
/// or why a command line could not carry it.
fn git_refuses(name: &str) -> Option<String> {
    let component_refused = |part: &str| {
        part.is_empty() || part.starts_with('.') || part.strip_suffix(".lock").is_some()
    };
    if name.is_empty() {
        Some("it is empty".to_owned())
    } else if name.len() > MAX_LENGTH {
        Some(format!("it is longer than {MAX_LENGTH} bytes"))
    } else if name.chars().any(char::is_control) {
        Some("it holds a control character".to_owned())
    } else if let Some(sign) = name.chars().find(|&c| " ~^:?*[\\".contains(c)) {
        Some(format!("git allows no `{sign}` in a tag"))
    } else if let Some(pair) = ["..", "@{"].into_iter().find(|&pair| name.contains(pair)) {
        Some(format!("git allows no `{pair}` in a tag"))
    } else if name.starts_with('-') {
        Some("a leading `-` would be read as an option".to_owned())
    } else if name.ends_with('.') {
        Some("git allows no `.` at the end of a tag".to_owned())
    } else if name.split('/').any(component_refused) {
        Some(
            "git allows no part of a tag that is empty, starts with `.` or ends with `.lock`"
                .to_owned(),
        )
    } else {
        None
    }
}

/// Makes text safe to quote: no control or invisible character reaches a terminal, and its length is bounded.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, hint, kind};

    #[track_caller]
    fn refused(text: &str, pattern: Option<&str>, message: &str, expected_hint: &str) {
        let error = Tag::parse(text, pattern).expect_err(text);
        assert_eq!(kind(&error), Kind::Usage);
        assert_eq!(error.to_string(), message);
        assert_eq!(hint(&error), Some(expected_hint));
    }

    #[test]
    fn plain_tags_are_semver_behind_a_v() {
        let tag = Tag::parse("v1.2.3-rc.1+build.5", None).expect("valid");
        assert_eq!(tag.name(), "v1.2.3-rc.1+build.5");
        assert_eq!(tag.to_string(), tag.name());
        assert_eq!(tag.version(), &Version::parse("1.2.3-rc.1+build.5").expect("semver"));
        assert!(tag.is_prerelease());
        assert!(!Tag::parse("v1.2.3+rc", None).expect("valid").is_prerelease());
        assert_eq!(serde_json::to_string(&tag).expect("string"), "\"v1.2.3-rc.1+build.5\"");
    }

    #[test]
    fn products_stand_in_front_of_the_version() {
        for (text, pattern) in [
            ("greet/v1.2.3", "greet/v{version}"),
            ("greet-v1.2.3", "greet-v{version}"),
            ("1.2.3", "{version}"),
            ("@acme/greet@1.2.3", "@acme/greet@{version}"),
            ("release-1.2.3-final", "release-{version}-final"),
        ] {
            let tag = Tag::parse(text, Some(pattern)).expect(text);
            assert_eq!(tag.version().to_string(), "1.2.3");
        }
    }

    #[test]
    fn folder_names_are_one_part_and_never_shared() {
        let nested =
            Tag::parse("greet/v1.2.3", Some("greet/v{version}")).expect("valid").file_name();
        let dashed =
            Tag::parse("greet-v1.2.3", Some("greet-v{version}")).expect("valid").file_name();
        assert_eq!((nested.as_str(), dashed.as_str()), ("greet~v1.2.3", "greet-v1.2.3"));
        assert!(Tag::parse("greet~v1.2.3", Some("greet~v{version}")).is_err());
    }

    #[test]
    fn refusals_say_how_the_tag_should_look() {
        let too_short = "invalid tag `v1.2`: `1.2` is no version: unexpected end of input while parsing minor version number";
        refused("v1.2", None, too_short, "write `v1.2.0`");
        let form =
            |text: &str| format!("invalid tag `{text}`: it is not of the form `v{{version}}`");
        refused("1.0.0", None, &form("1.0.0"), "write `v1.0.0`");
        refused("1.0.0.0", None, &form("1.0.0.0"), "write `v1.0.0`");
        refused("V1.0.0", None, &form("V1.0.0"), "write `v1.0.0`");
        refused("latest", None, &form("latest"), "a tag looks like `v1.2.3` or `v1.2.3-rc.1`");
        let zero = "invalid tag `v1.02.0`: `1.02.0` is no version: invalid leading zero in minor version number";
        refused("v1.02.0", None, zero, "write `v1.2.0`");
        refused("", None, "invalid tag: it is empty", "a tag looks like `v1.2.3` or `v1.2.3-rc.1`");
        refused(
            "v1.2.3",
            Some("greet/v{version}"),
            "invalid tag `v1.2.3`: it is not of the form `greet/v{version}`",
            "write `greet/v1.2.3`",
        );
        refused(
            "v1.2.3.4",
            None,
            "invalid tag `v1.2.3.4`: `1.2.3.4` is no version: unexpected character '.' after patch version number",
            "a tag looks like `v1.2.3` or `v1.2.3-rc.1`",
        );
    }

    #[test]
    fn names_that_git_or_a_command_line_cannot_carry_are_refused() {
        for (text, reason) in [
            ("v1..0", "git allows no `..` in a tag"),
            ("v1.0.0~1", "git allows no `~` in a tag"),
            ("v1.0.0 beta", "git allows no ` ` in a tag"),
            ("v1.0.0-@{1}", "git allows no `@{` in a tag"),
            ("-v1.0.0", "a leading `-` would be read as an option"),
            ("v1.0.0.", "git allows no `.` at the end of a tag"),
            (
                "v1.0.0-a.lock",
                "git allows no part of a tag that is empty, starts with `.` or ends with `.lock`",
            ),
            (
                "refs//v1.0.0",
                "git allows no part of a tag that is empty, starts with `.` or ends with `.lock`",
            ),
        ] {
            let error = Tag::parse(text, None).expect_err(text);
            assert_eq!(error.to_string(), format!("invalid tag `{text}`: {reason}"));
        }
        let control = Tag::parse("v1.0.0\u{1b}[31m\n", None).expect_err("control characters");
        assert_eq!(
            control.to_string(),
            "invalid tag `v1.0.0\\u{1b}[31m\\n`: it holds a control character"
        );
        assert!(Tag::parse(&format!("v1.0.0-{}", "a".repeat(300)), None).is_err());
        assert!(Tag::parse("v1.0.0-\u{202e}rc", None).is_err());
        assert!(Tag::parse("v99999999999999999999.0.0", None).is_err());
    }

    #[test]
    fn patterns_are_checked_before_any_tag() {
        for pattern in [
            "",
            "v",
            "v{version",
            "{version}{version}",
            "-{version}",
            "a b{version}",
            ".x/{version}",
            "$(x){version}",
        ] {
            let error = Tag::parse("v1.0.0", Some(pattern)).expect_err(pattern);
            assert_eq!(kind(&error), Kind::Usage);
            assert!(error.to_string().starts_with("invalid `tag_pattern`"), "{error}");
        }
    }
}
