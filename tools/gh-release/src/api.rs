//! GitHub's REST interface: every request of this tool, and which status is an answer.
//! Source: CHANNELS 1. Decides nothing.

use anyhow::Result;
use common::http::{Answer, Body, Client, Lost, Request};
use common::secret::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::names;
use crate::wire::{Asset, Change, NewDraft, Release, RemoteTag, Upload};

/// The version of the interface that everything here was read for.
pub(crate) const VERSION: &str = "2022-11-28";

/// The interface for one repository, with or without a token.
#[derive(Debug)]
pub(crate) struct Api<'a> {
    pub(crate) client: &'a Client,
    /// With a slash at its end.
    pub(crate) base: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) repo: &'a str,
    pub(crate) token: Option<&'a Secret>,
}

impl Api<'_> {
    fn url(&self, path: &str) -> String {
        let slash = if path.is_empty() { "" } else { "/" };
        format!("{}repos/{}/{}{slash}{path}", self.base, percent(self.owner), percent(self.repo))
    }

    fn headers<'r>(&self, request: Request<'r>) -> Request<'r> {
        let request = request
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", VERSION);
        match self.token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }

    fn get(&self, url: &str) -> Result<Answer> {
        self.headers(self.client.get(url)).send()
    }

    fn found<T: serde::de::DeserializeOwned>(&self, what: &str, url: &str) -> Result<Option<T>> {
        let answer = self.get(url)?;
        match answer.status {
            200 => Ok(Some(answer.json()?)),
            404 => Ok(None),
            _ => Err(self.explain(&format!("read {what}"), &answer).into()),
        }
    }

    /// Reads all pages of a list. Links are followed as they are given, inside our hosts.
    fn pages<T: serde::de::DeserializeOwned>(&self, what: &str, path: &str) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut next = Some(self.url(&format!("{path}?per_page=100")));
        // No list that we read is longer than 1,000 pages; a server that says so is lying.
        for _ in 0..1000 {
            let Some(url) = next.take() else { break };
            let answer = self.get(&url)?;
            if answer.status != 200 {
                return Err(self.explain(&format!("list {what}"), &answer).into());
            }
            all.extend(answer.json::<Vec<T>>()?);
            if let Some(link) = answer.header("link").and_then(next_link) {
                next = Some(self.client.handed(link)?.to_string());
            }
        }
        Ok(all)
    }

    /// Reads the repository; the answer as it is, for `look` judges it.
    pub(crate) fn repository(&self) -> Result<Answer> {
        self.get(&self.url(""))
    }

    /// Lists all releases; drafts only for tokens that may write.
    pub(crate) fn releases(&self) -> Result<Vec<Release>> {
        self.pages("releases", "releases")
    }

    /// Reads a release by id; `None` when it is gone.
    pub(crate) fn release(&self, id: u64) -> Result<Option<Release>> {
        self.found("the release", &self.url(&format!("releases/{id}")))
    }

    /// Reads a published release by tag; `None` when there is none (or only a draft).
    pub(crate) fn release_by_tag(&self, tag: &str) -> Result<Option<Release>> {
        self.found("the release", &self.url(&format!("releases/tags/{}", percent(tag))))
    }

    /// Returns the tag of the latest release; `None` when there is none.
    pub(crate) fn latest(&self) -> Result<Option<String>> {
        let latest: Option<Release> =
            self.found("the latest release", &self.url("releases/latest"))?;
        Ok(latest.map(|release| release.tag_name))
    }

    /// Tells whether new releases become immutable; `None` where the token may not know.
    pub(crate) fn immutable(&self) -> Result<Option<bool>> {
        #[derive(Deserialize)]
        struct Immutable {
            enabled: bool,
        }
        let answer = self.get(&self.url("immutable-releases"))?;
        match answer.status {
            200 => Ok(Some(answer.json::<Immutable>()?.enabled)),
            404 => Ok(Some(false)),
            _ => Ok(None),
        }
    }

    /// Returns what a tag leads to on the remote.
    pub(crate) fn tag(&self, tag: &str) -> Result<Option<RemoteTag>> {
        #[derive(Deserialize)]
        struct Reference {
            object: Object,
        }
        #[derive(Deserialize)]
        struct Object {
            r#type: String,
            sha: String,
        }
        let path =
            format!("git/ref/tags/{}", tag.split('/').map(percent).collect::<Vec<_>>().join("/"));
        let Some(reference) = self.found::<Reference>("the tag", &self.url(&path))? else {
            return Ok(None);
        };
        let mut object = reference.object;
        let annotated = object.r#type == "tag";
        // A tag may name a tag; ten in a row is a joke or an attack.
        for _ in 0..10 {
            if object.r#type != "tag" {
                break;
            }
            let path = format!("git/tags/{}", percent(&object.sha));
            let Some(tag) = self.found::<Reference>("the tag object", &self.url(&path))? else {
                break;
            };
            object = tag.object;
        }
        Ok(Some(RemoteTag { commit: object.sha, annotated }))
    }

    /// Lists all assets of a release.
    pub(crate) fn assets(&self, release: u64) -> Result<Vec<Asset>> {
        self.pages("assets", &format!("releases/{release}/assets"))
    }

    /// Makes a draft. Never repeated blindly: a lost answer is `Lost`.
    pub(crate) fn create(&self, draft: &NewDraft<'_>) -> Result<Release> {
        let request = self.client.post(self.url("releases")).json(draft);
        let answer = self.headers(request).send()?;
        match answer.status {
            201 => answer.json(),
            404 => Err(self.hidden_404("create the draft", &answer).into()),
            _ => Err(self.explain("create the draft", &answer).into()),
        }
    }

    /// Changes a release. The same change twice is the same as once.
    pub(crate) fn change(&self, verb: &str, id: u64, change: &Change<'_>) -> Result<Release> {
        let request = self.client.patch(self.url(&format!("releases/{id}"))).json(change);
        let answer = self.headers(request).safe_to_repeat().send()?;
        match answer.status {
            200 => answer.json(),
            404 => Err(self.hidden_404(verb, &answer).into()),
            _ => Err(self.explain(verb, &answer).into()),
        }
    }

    /// Deletes a release; one that is gone is fine. Its tag stays.
    pub(crate) fn delete_release(&self, id: u64) -> Result<()> {
        self.delete("delete the release", &format!("releases/{id}"))
    }

    /// Deletes an asset; one that is gone is fine.
    pub(crate) fn delete_asset(&self, id: u64) -> Result<()> {
        self.delete("delete the asset", &format!("releases/assets/{id}"))
    }

    fn delete(&self, verb: &str, path: &str) -> Result<()> {
        let request = self.client.delete(self.url(path));
        let answer = self.headers(request).safe_to_repeat().send()?;
        match answer.status {
            204 | 404 => Ok(()),
            _ => Err(self.explain(verb, &answer).into()),
        }
    }

    /// Uploads a file. Never repeated blindly: what failed on the way, or is there already,
    /// is `Lost`, and the list of assets tells.
    pub(crate) fn upload(
        &self,
        release: &Release,
        file: &Upload<'_>,
        progress: &dyn Fn(u64),
    ) -> Result<Asset> {
        // A URI template: `.../assets{?name,label}`.
        let template = release.upload_url.split('{').next().unwrap_or_default();
        let url = self.client.handed(template)?;
        let body =
            Body::artifact(names::content_type(file.name), file.path, file.size, file.sha256);
        let request = self
            .client
            .post(url.as_str())
            .query(&[("name", file.name)])
            .body(body)
            .progress(progress);
        let answer = self.headers(request).send()?;
        match answer.status {
            201 => answer.json(),
            422 if answer.text().contains("already_exists") => {
                Err(Lost::error(&format!("upload of {}", file.name), "it is there already"))
            }
            _ => Err(self.explain(&format!("upload `{}`", file.name), &answer).into()),
        }
    }

    /// Starts a download through the interface itself, the only way to drafts and private files.
    pub(crate) fn asset_request(&self, asset: &Asset) -> Result<Request<'_>> {
        let url = self.client.handed(&asset.url)?;
        let request = self.client.get(url.as_str()).header("Accept", "application/octet-stream");
        let request = request.header("X-GitHub-Api-Version", VERSION);
        Ok(match self.token {
            Some(token) => request.bearer(token),
            None => request,
        })
    }
}

/// Everything but unreserved characters is escaped in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn percent(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Finds the `rel="next"` address in a `Link` header.
fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        rest.split(';').any(|part| part.trim() == r#"rel="next""#).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        let header = r#"<https://h/r/1?page=1>; rel="prev", <https://h/r/1?page=3>; rel="next""#;
        assert_eq!(next_link(header), Some("https://h/r/1?page=3"));
        assert_eq!(next_link(r#"<https://h/r/1?page=1>; rel="last""#), None);
        assert_eq!(next_link("garbage"), None);
    }
}
