//! Says everything that would make the release fail. Pure.

use common::channel::Release as Local;
use common::manifest::Kind;
use common::report::Finding;

use crate::GitHub;
use crate::names;
use crate::notes::{LIMIT, MARGIN};
use crate::remote::{Access, Remote, compare, no_token};
use crate::settings::Rules;

/// Files must be smaller than this; exactly 2 GiB fails with an unhelpful answer.
const MOST_BYTES: u64 = 2 << 30;
/// A release holds no more assets.
const MOST_ASSETS: usize = 1_000;

impl GitHub {
    /// Lists all findings.
    pub(crate) fn inspect(&self, release: &Local, remote: &Remote, rules: &Rules) -> Vec<Finding> {
        let mut findings = self.access(remote);
        if let Some(frozen) = &release.frozen {
            if rules.check_tag {
                findings.extend(tag(release, remote, &frozen.manifest.commit));
            }
            if rules.check_assets {
                findings.extend(self.assets(release, remote));
            }
            findings.extend(burned(release, remote));
            findings.extend(platforms(release, rules));
            findings.extend(self.bytes(release, remote));
            if rules.check_changelog {
                findings.extend(changelog(remote));
            }
        }
        findings
    }

    fn access(&self, remote: &Remote) -> Vec<Finding> {
        let mut findings = Vec::new();
        match &remote.access {
            Access::Unreachable { message } => {
                findings.push(Finding::error("unreachable", message));
            }
            Access::Denied { message, hint } => {
                findings.push(Finding::error("permission_denied", message).suggest(hint));
            }
            Access::Granted { token: false, .. } => {
                let failure: anyhow::Error = no_token().into();
                findings.push(
                    Finding::error("no_token", failure.to_string())
                        .suggest(common::error::hint(&failure).unwrap_or_default()),
                );
            }
            Access::Granted { repository, .. } => {
                let name = &repository.full_name;
                if repository.archived {
                    findings.push(
                        Finding::error(
                            "repository_archived",
                            format!("{name} is archived: nobody can write to it"),
                        )
                        .suggest("unarchive it in its settings"),
                    );
                }
                if !name.eq_ignore_ascii_case(&format!("{}/{}", self.owner, self.repo)) {
                    findings.push(
                        Finding::error(
                            "repository_renamed",
                            format!("{}/{} is now {name}", self.owner, self.repo),
                        )
                        .suggest(
                            "set owner and repo to the new name: uploads do not follow redirects",
                        ),
                    );
                }
                if repository.private && self.settings.private != Some(true) {
                    findings.push(
                        Finding::warning(
                            "repository_private",
                            format!("{name} is private: users cannot fetch its assets"),
                        )
                        .suggest("set `private` to true, so that verify uses the token"),
                    );
                }
                // False for a token of GitHub Actions that may well write: no proof of anything.
                if repository.permissions.is_some_and(|permissions| !permissions.push) {
                    findings.push(
                        Finding::warning("unknown_permission", format!("whether the token may write to {name} is unknown"))
                            .suggest("a token of GitHub Actions needs: permissions: contents: write; any other needs write access"),
                    );
                }
            }
        }
        findings
    }

    fn assets(&self, release: &Local, remote: &Remote) -> Vec<Finding> {
        let wanted = self.wanted(release);
        let mut findings = Vec::new();
        if wanted.len() > MOST_ASSETS {
            findings.push(Finding::error(
                "too_many_assets",
                format!("{} files are to be assets, a release holds {MOST_ASSETS}", wanted.len()),
            ));
        }
        for file in &wanted {
            let name = &file.name;
            if file.size >= MOST_BYTES {
                findings.push(
                    Finding::error(
                        "asset_too_large",
                        format!(
                            "`{name}` has {} bytes, GitHub takes less than {MOST_BYTES}",
                            file.size
                        ),
                    )
                    .suggest("compress or split it"),
                );
            }
            if file.size == 0 {
                findings.push(Finding::error(
                    "asset_empty",
                    format!("`{name}` is empty, GitHub refuses that"),
                ));
            }
            let stored = names::stored(name);
            if stored != *name {
                findings.push(
                    Finding::error(
                        "asset_renamed",
                        format!("GitHub would rename `{name}` to `{stored}`"),
                    )
                    .suggest(format!("name the file `{stored}`")),
                );
            }
        }
        let checksums = release.frozen.iter().flat_map(|frozen| &frozen.manifest.artifacts);
        if !checksums.into_iter().any(|artifact| artifact.kind == Kind::Checksums) {
            findings.push(
                Finding::warning("no_checksums", "no list of checksums is among the artifacts")
                    .suggest(format!("checksum create {}", release.tag)),
            );
        }
        if remote.foreign_drafts > 0 {
            findings.push(
                Finding::warning(
                    "foreign_draft",
                    format!(
                        "{} has a draft that Landfall did not make; it stays untouched",
                        release.tag
                    ),
                )
                .suggest("delete it on GitHub if nobody needs it"),
            );
        }
        findings
    }

    /// What is there already must be the same bytes.
    fn bytes(&self, release: &Local, remote: &Remote) -> Vec<Finding> {
        let tag = &release.tag;
        let wanted = self.wanted(release);
        let Some(published) = &remote.published else { return Vec::new() };
        let comparison = compare(&wanted, &remote.assets);
        let next = "the bytes of a published version are fixed: release the next version";
        let mut findings: Vec<Finding> = comparison
            .different
            .iter()
            .map(|(_, file)| {
                Finding::error(
                    "published_differs",
                    format!("{tag} is published with other bytes of `{}`", file.name),
                )
                .suggest(next)
            })
            .collect();
        let ours =
            release.frozen.as_ref().is_some_and(|frozen| remote.published_by_us(&frozen.sha256));
        if !comparison.missing.is_empty() && (published.immutable || !ours) {
            for file in &comparison.missing {
                findings.push(
                    Finding::error(
                        "published_incomplete",
                        format!("{tag} is published without `{}`", file.name),
                    )
                    .suggest(next),
                );
            }
        }
        findings
    }
}

fn tag(release: &Local, remote: &Remote, commit: &str) -> Vec<Finding> {
    let name = &release.tag;
    let mut findings = Vec::new();
    let make = format!("make it: git tag -a {name} -m {name} {commit}");
    match (&remote.local_tag, &remote.tag) {
        (_, Some(there)) if there.commit != commit => findings.push(
            Finding::error("tag_elsewhere", format!("the tag {name} is at commit {} on GitHub, the manifest was made from {commit}", there.commit))
                .suggest("a published tag never moves: release the next version, or build from the tagged commit"),
        ),
        (_, Some(there)) if !there.annotated => findings.push(
            Finding::warning("tag_lightweight", format!("the tag {name} on GitHub is not annotated")),
        ),
        (_, Some(_)) => {}
        (None, None) => {
            let finding = match release.repository {
                Some(_) => Finding::error("no_tag", format!("the tag {name} was not made")).suggest(make),
                None => Finding::error("no_tag", format!("the tag {name} is not on GitHub, and this is no git repository"))
                    .suggest(format!("push it from your repository: git push REMOTE refs/tags/{name}")),
            };
            findings.push(finding);
        }
        (Some(here), None) => {
            if here.commit != commit {
                findings.push(
                    Finding::error("tag_elsewhere", format!("the tag {name} is at commit {}, the manifest was made from {commit}", here.commit))
                        .suggest(format!("build from {name}, or move the tag while nobody has it: git tag -f -a {name} -m {name} {commit}")),
                );
            }
            if !here.annotated() {
                findings.push(
                    Finding::error("tag_lightweight", format!("the tag {name} is not annotated"))
                        .suggest(format!("make it anew: git tag -f -a {name} -m {name} {commit}")),
                );
            }
        }
    }
    findings
}

/// A tag that an immutable release once had can never be used again, and nobody can ask which.
fn burned(release: &Local, remote: &Remote) -> Option<Finding> {
    let suspicious =
        remote.immutable == Some(true) && remote.tag.is_some() && remote.published.is_none();
    let finding = || {
        Finding::warning(
            "unknown_tag_burned",
            format!("releases are immutable here, and the tag {} is there without one: whether a deleted release used it up is unknown", release.tag),
        )
        .suggest("if publishing is refused for it: release the next version")
    };
    suspicious.then(finding)
}

fn platforms(release: &Local, rules: &Rules) -> Vec<Finding> {
    let Some(frozen) = &release.frozen else { return Vec::new() };
    let present = |wanted: &str| {
        frozen.manifest.artifacts.iter().any(|artifact| match &artifact.target {
            Some(target) if wanted.contains('/') => {
                format!("{}/{}", target.os, target.arch) == wanted
            }
            Some(target) => target.os == wanted || artifact.name.contains(wanted),
            None => artifact.name.contains(wanted),
        })
    };
    let missing = rules.required_assets.iter().filter(|wanted| !present(wanted));
    missing
        .map(|wanted| {
            Finding::error("platform_missing", format!("no artifact is for `{wanted}`"))
                .suggest("build it, or take it out of validators.github.config.required_assets")
        })
        .collect()
}

fn changelog(remote: &Remote) -> Vec<Finding> {
    let write = "write them and name the file: publishers.github.config.notes_file";
    match &remote.notes {
        Err(reason) => vec![
            Finding::error("no_notes", format!("there are no release notes: {reason}"))
                .suggest(write),
        ],
        Ok(notes) if notes.trim().is_empty() => {
            vec![Finding::error("no_notes", "the release notes are empty").suggest(write)]
        }
        Ok(notes) => {
            // Our hidden line comes on top.
            let length = notes.chars().count() + MARGIN;
            let long = length > LIMIT;
            let finding = || {
                Finding::error(
                    "notes_too_long",
                    format!("the release notes have {length} characters, GitHub takes {LIMIT}"),
                )
                .suggest("shorten them")
            };
            long.then(finding).into_iter().collect()
        }
    }
}
