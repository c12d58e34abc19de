//! Reads a release back from the public side, as users fetch it, and compares.

use anyhow::Result;
use common::channel::{Release as Local, Run};
use common::digest;
use common::manifest::Kind;
use common::report::{Comparison, Verdict};

use crate::GitHub;
use crate::api::Api;
use crate::remote::{Wanted, no_token};
use crate::wire::Asset;

impl GitHub {
    /// Fetches every asset without the token (with it where the repository is private), and
    /// reads the list of checksums as `sha256sum -c` would.
    pub(crate) fn read_back(&self, release: &Local, run: &Run) -> Result<Vec<Verdict>> {
        let private = self.settings.private == Some(true);
        let token = if private { Some(self.token()?.ok_or_else(no_token)?) } else { None };
        let api = self.api(token);
        let wanted = self.wanted(release);
        let Some(published) = api.release_by_tag(release.tag.name())? else {
            let missing = |file: &Wanted| {
                verdict(file, Comparison::Missing, Some("no published release has this tag"))
            };
            return Ok(wanted.iter().map(missing).collect());
        };
        let assets = api.assets(published.id)?;
        let (verdicts, result) = run.each(self.settings.concurrency(), &wanted, |file| {
            let Some(asset) = assets.iter().find(|asset| asset.name == file.name) else {
                return Ok(verdict(
                    file,
                    Comparison::Missing,
                    Some("the release does not list it"),
                ));
            };
            self.fetch(&api, asset, file, release)
        });
        result?;
        Ok(verdicts)
    }

    fn fetch(
        &self,
        api: &Api<'_>,
        asset: &Asset,
        file: &Wanted,
        release: &Local,
    ) -> Result<Verdict> {
        let request = match api.token {
            Some(_) => api.asset_request(asset)?,
            None => self.client.get(self.client.handed(&asset.browser_download_url)?.as_str()),
        };
        let is_list = release
            .manifest()?
            .artifact(&file.name)
            .is_some_and(|artifact| artifact.kind == Kind::Checksums);
        let mut seen = verdict(file, Comparison::Same, None);
        seen.url = Some(asset.browser_download_url.clone());
        let (status, sha256, text) = if is_list {
            let answer = request.send()?;
            (
                answer.status,
                digest::sha256(&answer.body),
                Some(String::from_utf8_lossy(&answer.body).into_owned()),
            )
        } else {
            let answer = request.hash()?;
            let received = answer.received().map(|received| received.sha256.clone());
            (answer.status, received.unwrap_or_default(), None)
        };
        if status != 200 {
            seen.verdict = Comparison::Missing;
            seen.reason = Some(format!("the server answered {status}"));
            return Ok(seen);
        }
        if sha256 != file.sha256 {
            seen.verdict = Comparison::Differs;
            seen.reason = Some(format!("expected {}", file.sha256));
        } else if let Some(reason) = text.and_then(|text| release.untrue_line(&text)) {
            seen.verdict = Comparison::Differs;
            seen.reason = Some(reason);
        }
        seen.sha256 = Some(sha256);
        Ok(seen)
    }
}

fn verdict(file: &Wanted, comparison: Comparison, reason: Option<&str>) -> Verdict {
    Verdict {
        name: file.name.clone(),
        verdict: comparison,
        url: None,
        sha256: None,
        reason: reason.map(Into::into),
    }
}
