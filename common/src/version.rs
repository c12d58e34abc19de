//! A semver version in the forms that other channels want, or the reason why it has none there.
//! Knows the rules of each form and nothing of the channels behind them; nothing is ever guessed.

mod image;
mod nuget;
mod pep440;

use std::cmp::Ordering;
use std::fmt;

use anyhow::Result;
use semver::Version;

use crate::error::Failure;

pub use image::image_tag;
pub use nuget::{Labels, Nuget, chocolatey};
pub use pep440::{Pep440, pep440, pep440_public};

/// Checks that `version` keeps its place among `others`, the other versions of the same project, in another form.
///
/// One spelling of pre-releases keeps its order in every form; a project that mixes them (`rc1` and
/// `rc.1`, `dev` and `alpha`) can meet another version or be sorted before an older one. Both are
/// refused. `others` without an image are passed over: they cannot be on that channel.
pub fn keeps_place<Image: Ord + fmt::Display>(
    version: &Version,
    others: &[Version],
    image: impl Fn(&Version) -> Result<Image>,
) -> Result<()> {
    let own = image(version)?;
    for other in others {
        let Ok(theirs) = image(other) else { continue };
        let wanted = version.cmp_precedence(other);
        let problem = match own.cmp(&theirs) {
            // The same version with other build metadata is not for this function to judge.
            _ if wanted == Ordering::Equal => continue,
            found if found == wanted => continue,
            Ordering::Equal => "is the same version there as",
            Ordering::Less => "would be sorted below",
            Ordering::Greater => "would be sorted above",
        };
        return Err(Failure::refused(format!(
            "`{version}` becomes `{own}`, which {problem} `{other}` (`{theirs}`)"
        ))
        .hint("name pre-releases in one way throughout, best `alpha.1`, `beta.1`, `rc.1`")
        .into());
    }
    Ok(())
}

/// The start of every refusal of this module.
fn refused(version: &Version, form: &str, reason: impl fmt::Display) -> Failure {
    Failure::refused(format!("`{version}` has no form as {form}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn versions_that_meet_or_swap_in_another_form_are_refused() {
        let check = |own: &str, other: &str| keeps_place(&version(own), &[version(other)], pep440);
        let message = |own: &str, other: &str| check(own, other).expect_err(own).to_string();
        assert_eq!(
            message("1.0.0-rc1", "1.0.0-rc.1"),
            "`1.0.0-rc1` becomes `1.0.0rc1`, which is the same version there as `1.0.0-rc.1` (`1.0.0rc1`)"
        );
        assert_eq!(
            message("1.0.0-dev.1", "1.0.0-alpha.1"),
            "`1.0.0-dev.1` becomes `1.0.0.dev1`, which would be sorted below `1.0.0-alpha.1` (`1.0.0a1`)"
        );
        assert_eq!(
            message("1.0.0-alpha.1", "1.0.0-dev.1"),
            "`1.0.0-alpha.1` becomes `1.0.0a1`, which would be sorted above `1.0.0-dev.1` (`1.0.0.dev1`)"
        );
        check("1.0.0-rc.2", "1.0.0-rc.1").expect("in order");
        check("1.0.0-rc.2", "1.0.0-x.7.z.92").expect("not on that channel");
        check("1.0.0+b", "1.0.0+a").expect("the same version");
    }
}
