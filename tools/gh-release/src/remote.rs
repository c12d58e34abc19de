//! What was seen of a release on GitHub, and what follows from it. Pure; `look` fills it.

use common::channel::Release as Local;
use common::contract::State;
use common::error::Failure;
use common::git::TagReference;
use common::manifest::{self, Artifact, Kind};
use common::tag::Tag;

use crate::settings::Assets;
use crate::wire::{Asset, Release, RemoteTag, Repository};

/// Everything `look` saw. `apply` keeps it true.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) access: Access,
    /// The published release of the tag.
    pub(crate) published: Option<Release>,
    /// Our drafts of the tag, oldest first: those with our marker, of any manifest.
    pub(crate) drafts: Vec<Release>,
    /// How many drafts of the tag somebody else made.
    pub(crate) foreign_drafts: usize,
    /// Every other published release: what "the newest" may go back to.
    pub(crate) others: Vec<Release>,
    /// The assets of the published release, else of our first draft.
    pub(crate) assets: Vec<Asset>,
    /// The tag on the remote.
    pub(crate) tag: Option<RemoteTag>,
    /// The tag in the local repository.
    pub(crate) local_tag: Option<TagReference>,
    /// The tag of the latest release.
    pub(crate) latest: Option<String>,
    /// Whether releases become immutable; absent where the token may not know.
    pub(crate) immutable: Option<bool>,
    /// The release notes, or why there are none.
    pub(crate) notes: Result<String, String>,
}

/// What the repository answered.
#[derive(Debug)]
pub(crate) enum Access {
    /// It can be read.
    Granted {
        /// The repository.
        repository: Repository,
        /// Whether a token was sent.
        token: bool,
    },
    /// It cannot, and why.
    Denied {
        /// GitHub's words, and ours.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Nobody answered.
    Unreachable {
        /// What happened.
        message: String,
    },
}

impl Access {
    /// Returns the repository, or the failure that says why it cannot be worked with.
    pub(crate) fn repository(&self) -> Result<&Repository, Failure> {
        match self {
            Access::Granted { repository, .. } => Ok(repository),
            Access::Denied { message, hint } => Err(Failure::refused(message).hint(hint)),
            Access::Unreachable { message } => {
                Err(Failure::temporary(message).hint("run the same command again in a while"))
            }
        }
    }

    /// As [`Access::repository`], for work that needs a token.
    pub(crate) fn writer(&self) -> Result<&Repository, Failure> {
        let repository = self.repository()?;
        match self {
            Access::Granted { token: false, .. } => Err(no_token()),
            _ => Ok(repository),
        }
    }
}

/// Says that there is no token, and how to give one.
pub(crate) fn no_token() -> Failure {
    Failure::refused("there is no GitHub token").hint(
        "set GITHUB_TOKEN (or publishers.github.config.token) to a token with contents: write",
    )
}

/// One file that is to be an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) path: std::path::PathBuf,
}

/// Lists the files that are to be assets, the manifest first; nothing without a manifest.
pub(crate) fn wanted(release: &Local, assets: &Assets) -> Vec<Wanted> {
    let Some(frozen) = &release.frozen else { return Vec::new() };
    let included = |artifact: &&Artifact| match artifact.kind {
        Kind::Checksums | Kind::Signature => assets.include_checksums.unwrap_or(true),
        Kind::Sdist => assets.include_source.unwrap_or(true),
        _ => assets.include_binaries.unwrap_or(true),
    };
    let manifest = Wanted {
        name: manifest::FILE.into(),
        size: frozen.size,
        sha256: frozen.sha256.clone(),
        path: release.dist.join(manifest::FILE),
    };
    let artifacts = frozen.manifest.artifacts.iter().filter(included).map(|artifact| Wanted {
        name: artifact.name.clone(),
        size: artifact.size,
        sha256: artifact.sha256.clone(),
        path: artifact.file(&release.dist),
    });
    std::iter::once(manifest).chain(artifacts).collect()
}

/// How the assets on GitHub stand against the wanted ones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comparison<'a> {
    /// Not there.
    pub(crate) missing: Vec<&'a Wanted>,
    /// There under the same name, but half stored or of other bytes: asset id and file.
    pub(crate) different: Vec<(u64, &'a Wanted)>,
}

impl Comparison<'_> {
    pub(crate) fn same(&self) -> bool {
        self.missing.is_empty() && self.different.is_empty()
    }
}

/// Compares by name, size, digest and completeness.
pub(crate) fn compare<'a>(wanted: &'a [Wanted], assets: &[Asset]) -> Comparison<'a> {
    let mut comparison = Comparison { missing: Vec::new(), different: Vec::new() };
    for file in wanted {
        match assets.iter().find(|asset| asset.name == file.name) {
            None => comparison.missing.push(file),
            Some(asset) if asset.is(file.size, &file.sha256) => {}
            Some(asset) => comparison.different.push((asset.id, file)),
        }
    }
    comparison
}

/// Returns the hidden line by which we know a draft of ours again.
pub(crate) fn marker(manifest_sha256: &str) -> String {
    format!("<!-- landfall manifest={manifest_sha256} -->")
}

/// The hidden line of a release that was taken back.
pub(crate) const WITHDRAWN: &str = "<!-- landfall withdrawn -->";

/// Reads the manifest's digest out of our marker.
pub(crate) fn marked(release: &Release) -> Option<&str> {
    let body = release.body.as_deref()?;
    // The last one counts: it is ours, behind whatever text came before it.
    let (_, rest) = body.rsplit_once("<!-- landfall manifest=")?;
    let (digest, _) = rest.split_once(" -->")?;
    (digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
}

impl Remote {
    /// Returns our draft of these very bytes.
    pub(crate) fn draft(&self, manifest_sha256: &str) -> Option<&Release> {
        self.drafts.iter().find(|draft| marked(draft) == Some(manifest_sha256))
    }

    /// Tells whether the published release was made by us from these very bytes.
    pub(crate) fn published_by_us(&self, manifest_sha256: &str) -> bool {
        self.published.as_ref().and_then(marked) == Some(manifest_sha256)
    }

    /// Finds the highest stable release but this one, below `tag` where that is asked.
    pub(crate) fn highest_stable(
        &self,
        pattern: Option<&str>,
        below: Option<&Tag>,
    ) -> Option<(Tag, &Release)> {
        self.others
            .iter()
            .filter(|release| !release.prerelease)
            .filter_map(|release| Some((Tag::parse(&release.tag_name, pattern).ok()?, release)))
            .filter(|(tag, _)| !tag.is_prerelease())
            .filter(|(tag, _)| below.is_none_or(|limit| tag.version() < limit.version()))
            .max_by(|a, b| a.0.version().cmp(b.0.version()))
    }

    /// Says how the channel stands.
    pub(crate) fn state(&self, release: &Local, wanted: &[Wanted]) -> State {
        match self.access {
            Access::Denied { .. } => return State::Denied,
            Access::Unreachable { .. } => return State::Unreachable,
            Access::Granted { .. } => {}
        }
        let comparison = compare(wanted, &self.assets);
        if self.published.is_some() {
            return match () {
                () if !comparison.different.is_empty() => State::Differs,
                () if !comparison.missing.is_empty() => State::Partial,
                () if self.latest.as_deref() == Some(release.tag.name()) => State::Promoted,
                () => State::Published,
            };
        }
        let commit = release.frozen.as_ref().map(|frozen| frozen.manifest.commit.as_str());
        if let (Some(tag), Some(commit)) = (&self.tag, commit)
            && tag.commit != commit
        {
            return State::Differs;
        }
        match (&release.frozen, self.drafts.as_slice()) {
            (_, []) => State::Absent,
            (Some(frozen), _) if self.draft(&frozen.sha256).is_none() => State::Differs,
            _ if comparison.same() => State::Staged,
            _ => State::Partial,
        }
    }
}
