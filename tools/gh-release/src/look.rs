//! Reads the state of a release from GitHub, the local repository and `dist/derived/`.
//! Decides nothing: what is refused to us is part of what is seen.

use anyhow::Result;
use common::channel::Release as Local;
use common::error::{self, Kind};

use crate::GitHub;
use crate::api::Api;
use crate::intent::Intent;
use crate::notes;
use crate::remote::{Access, Remote, marked};
use crate::wire::Release;

impl GitHub {
    /// Looks at everything; some six small requests.
    pub(crate) fn look_at(&self, release: &Local) -> Result<Remote> {
        let token = self.token()?;
        let api = self.api(token);
        let access = access(&api, token.is_some())?;
        let mut remote = Remote {
            access,
            published: None,
            drafts: Vec::new(),
            foreign_drafts: 0,
            others: Vec::new(),
            assets: Vec::new(),
            tag: None,
            local_tag: None,
            latest: None,
            immutable: None,
            notes: Ok(String::new()),
        };
        if let Some(repository) = &release.repository {
            remote.local_tag = repository.tag(release.tag.name())?;
        }
        if remote.access.repository().is_ok() {
            remote.sort_releases(api.releases()?, release.tag.name());
            if remote.drafts.is_empty() && remote.published.is_none() {
                remote.drafts.extend(self.unlisted_draft(&api, release)?);
            }
            remote.tag = api.tag(release.tag.name())?;
            remote.latest = api.latest()?;
            remote.immutable = api.immutable()?;
            if let Some(id) = current(&remote, release) {
                remote.assets = api.assets(id)?;
            }
        }
        remote.notes = notes::find(self, release, &remote).map_err(|error| format!("{error:#}"));
        Ok(remote)
    }

    /// Finds by its id the draft that an earlier run made and the list does not show yet.
    fn unlisted_draft(&self, api: &Api<'_>, release: &Local) -> Result<Option<Release>> {
        let Some(id) = Intent::load(self, release)?.and_then(|intent| intent.draft) else {
            return Ok(None);
        };
        let found = api.release(id)?;
        Ok(found.filter(|draft| draft.draft && marked(draft).is_some()))
    }
}

impl Remote {
    /// Sorts all releases of the repository into those of the tag and the others.
    pub(crate) fn sort_releases(&mut self, releases: Vec<Release>, tag: &str) {
        self.drafts.clear();
        self.others.clear();
        self.foreign_drafts = 0;
        for release in releases {
            match (release.tag_name == tag, release.draft) {
                (true, false) => self.published = Some(release),
                (true, true) if marked(&release).is_some() => self.drafts.push(release),
                (true, true) => self.foreign_drafts += 1,
                (false, false) => self.others.push(release),
                (false, true) => {}
            }
        }
        self.drafts.sort_by_key(|draft| draft.id);
    }
}

fn access(api: &Api<'_>, token: bool) -> Result<Access> {
    let answer = match api.repository() {
        Ok(answer) => answer,
        Err(error) if error::kind(&error) == Kind::Temporary => {
            return Ok(Access::Unreachable { message: format!("{error:#}") });
        }
        Err(error) => return Err(error),
    };
    if answer.status == 200 {
        return Ok(Access::Granted { repository: answer.json()?, token });
    }
    let failure: anyhow::Error = api.explain("read the repository", &answer).into();
    if error::kind(&failure) == Kind::Temporary {
        return Ok(Access::Unreachable { message: failure.to_string() });
    }
    let hint = match (answer.status, token) {
        (404, false) => "there is no token: a private repository needs one in GITHUB_TOKEN".into(),
        _ => error::hint(&failure).unwrap_or("check the token and its permissions").to_owned(),
    };
    Ok(Access::Denied { message: failure.to_string(), hint })
}

/// Returns the release whose assets count: the published one, else our draft of these
/// bytes, else our first draft.
fn current(remote: &Remote, release: &Local) -> Option<u64> {
    let sha256 = release.frozen.as_ref().map(|frozen| frozen.sha256.as_str());
    let draft = sha256.and_then(|sha256| remote.draft(sha256)).or(remote.drafts.first());
    remote.published.as_ref().or(draft).map(|release| release.id)
}
