//! Semver to the tag of a container image.
//! Knows the alphabet of tags only; which tags are moved along with it is decided elsewhere.

use anyhow::Result;
use semver::Version;

use super::refused;

/// The longest tag of an image, in characters (OCI distribution specification, `<reference>`).
const LENGTH: usize = 128;

/// Turns a version into the tag of an image: itself, with `_` for the `+` that tags may not hold.
///
/// No two versions share a tag, because semver knows no `_`.
pub fn image_tag(version: &Version) -> Result<String> {
    let tag = version.to_string().replace('+', "_");
    if tag.len() > LENGTH {
        let reason = format!("it has {} characters, of {LENGTH} allowed", tag.len());
        return Err(refused(version, "an image tag", reason)
            .hint("choose a shorter pre-release or build part")
            .into());
    }
    Ok(tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plus_becomes_an_underscore() {
        let tag = |text: &str| image_tag(&Version::parse(text).expect(text)).expect(text);
        assert_eq!(tag("1.2.3"), "1.2.3");
        assert_eq!(tag("1.2.3-rc.1"), "1.2.3-rc.1");
        assert_eq!(tag("1.2.3-rc.1+build.5"), "1.2.3-rc.1_build.5");
        let long = Version::parse(&format!("1.2.3-{}", "a".repeat(123))).expect("semver");
        let error = image_tag(&long).expect_err("too long");
        assert!(
            error
                .to_string()
                .ends_with("has no form as an image tag: it has 129 characters, of 128 allowed")
        );
    }

    proptest! {
        #[test]
        fn every_tag_leads_back_to_its_version(text in "(0|[1-9][0-9]?)\\.[0-9]\\.[0-9](-[a-z][0-9A-Za-z-]{0,8}(\\.[a-z-]{1,4})?)?(\\+[0-9A-Za-z-]{1,8})?") {
            let version = Version::parse(&text).expect("semver");
            let tag = image_tag(&version).expect("short");
            prop_assert!(tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
            prop_assert_eq!(Version::parse(&tag.replace('_', "+")).expect("reversible"), version);
        }
    }
}
