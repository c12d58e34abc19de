//! How two manifests of one release differ, in sentences. Pure: decides what `create` and `merge` may write.

use std::path::Path;

use common::error::Failure;
use common::manifest::{Artifact, Manifest};

use crate::collect::CHECKSUMS;

/// Lists how `now` differs from the frozen `then`, by name; nothing when they are equal.
pub(crate) fn differences(then: &Manifest, now: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    if then.commit != now.commit {
        found.push(format!("it was made from commit {}, not {}", then.commit, now.commit));
    }
    for old in &then.artifacts {
        match now.artifact(&old.name) {
            None => found.push(format!("`{}` is in it and no longer there", old.name)),
            Some(new) => found.extend(difference(old, new)),
        }
    }
    for new in &now.artifacts {
        if then.artifact(&new.name).is_none() {
            found.push(format!("`{}` is there and not in it (sha256 {})", new.name, new.sha256));
        }
    }
    // The file of digests follows from the others and explains nothing where they differ too.
    if found.iter().any(|sentence| !sentence.contains(CHECKSUMS)) {
        found.retain(|sentence| !sentence.starts_with(&format!("`{CHECKSUMS}`")));
    }
    found
}

fn difference(old: &Artifact, new: &Artifact) -> Option<String> {
    let name = &old.name;
    if old.sha256 != new.sha256 {
        return Some(format!("`{name}` has sha256 {} in it and {} now", old.sha256, new.sha256));
    }
    if old.path != new.path {
        let place = |path: &Option<String>| path.clone().unwrap_or_else(|| name.clone());
        return Some(format!(
            "`{name}` lay at `{}`, now at `{}`",
            place(&old.path),
            place(&new.path)
        ));
    }
    if (old.kind, &old.target) != (new.kind, &new.target) {
        let shown = |artifact: &Artifact| match &artifact.target {
            Some(target) => format!("{} for {target}", crate::draft::word(artifact.kind)),
            None => crate::draft::word(artifact.kind).to_owned(),
        };
        return Some(format!("`{name}` is {} in it and {} now", shown(old), shown(new)));
    }
    (old != new).then(|| format!("`{name}` has a sha512 in one of the two only"))
}

/// Makes the refusal to replace a frozen manifest.
pub(crate) fn refusal(path: &Path, then: &Manifest, now: &Manifest) -> Failure {
    let path = path.display();
    if then.tag != now.tag {
        return Failure::refused(format!(
            "refusing to replace `{path}`: it is the manifest of {}, not of {}",
            then.tag, now.tag
        ))
        .hint(format!("build {} into an empty folder, or name its folder with --dist", now.tag));
    }
    let tag = &now.tag;
    let list: String = differences(then, now).iter().map(|one| format!("\n  - {one}")).collect();
    Failure::refused(format!("refusing to replace the frozen manifest `{path}` of {tag}:{list}"))
        .hint(format!(
            "while nothing of {tag} is public: channels rollback {tag}, then this command again; \
         once it is public its bytes are fixed: release the next version"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::manifest::Kind;

    fn artifact(name: &str, digit: char) -> Artifact {
        Artifact {
            name: name.into(),
            path: None,
            kind: Kind::Archive,
            target: None,
            size: 1,
            sha256: digit.to_string().repeat(64),
            sha512: None,
        }
    }

    fn manifest(artifacts: Vec<Artifact>) -> Manifest {
        Manifest { schema: 1, tag: "v1.0.0".into(), commit: "a".repeat(40), artifacts }
    }

    #[test]
    fn equal_manifests_do_not_differ() {
        let one = manifest(vec![artifact("a", '1')]);
        assert_eq!(differences(&one, &one.clone()), Vec::<String>::new());
    }

    #[test]
    fn what_came_went_and_changed_is_named_with_digests() {
        let then = manifest(vec![
            artifact("changed", '1'),
            artifact("gone", '2'),
            artifact(CHECKSUMS, '7'),
        ]);
        let now = manifest(vec![
            artifact("changed", '3'),
            artifact(CHECKSUMS, '8'),
            artifact("new", '4'),
        ]);
        let digit = |digit: &str| digit.repeat(64);
        assert_eq!(
            differences(&then, &now),
            [
                format!("`changed` has sha256 {} in it and {} now", digit("1"), digit("3")),
                "`gone` is in it and no longer there".to_owned(),
                format!("`new` is there and not in it (sha256 {})", digit("4")),
            ]
        );
    }

    #[test]
    fn what_is_said_of_a_file_is_frozen_too() {
        let then = manifest(vec![artifact("a", '1')]);
        let mut now = then.clone();
        now.artifacts[0].kind = Kind::Other;
        assert_eq!(differences(&then, &now), ["`a` is archive in it and other now"]);
        now = then.clone();
        now.artifacts[0].path = Some("sub/a".into());
        assert_eq!(differences(&then, &now), ["`a` lay at `a`, now at `sub/a`"]);
        now = then.clone();
        now.artifacts[0].sha512 = Some("0".repeat(128));
        assert_eq!(differences(&then, &now), ["`a` has a sha512 in one of the two only"]);
        now = then.clone();
        now.commit = "b".repeat(40);
        assert_eq!(differences(&then, &now).len(), 1);
    }
}
