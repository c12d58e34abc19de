//! The only file with effects: a step -> what it made. Keeps `Remote` true.

use anyhow::{Context, Result};
use common::channel::{Release as Local, Run};
use common::error::Failure;
use common::fs;
use common::git::Pushed;
use common::http::{self, Lost};
use common::report::{Action, Item};

use crate::GitHub;
use crate::api::Api;
use crate::intent::Intent;
use crate::notes;
use crate::plan::Step;
use crate::remote::{Remote, Wanted, marked, no_token};
use crate::wire::{Asset, Change, NewDraft, Release, RemoteTag, Upload};

/// A draft may be missing from the list for some seconds after it was made.
const LAG: std::time::Duration = std::time::Duration::from_secs(1);
const LOOKS: usize = 10;

impl GitHub {
    /// Does one step.
    pub(crate) fn act(
        &self,
        step: &Step,
        remote: &mut Remote,
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        let api = self.api(Some(self.token()?.ok_or_else(no_token)?));
        match step {
            Step::CreateDraft { prerelease, .. } => {
                self.create(&api, *prerelease, remote, release, run)
            }
            Step::RemoveDraft { id } => {
                remove_draft(&api, *id, remote, run)?;
                if remote.drafts.is_empty() { Intent::forget(self, release) } else { Ok(()) }
            }
            Step::RemoveAsset { id, .. } => {
                api.delete_asset(*id)?;
                remote.assets.retain(|asset| asset.id != *id);
                Ok(())
            }
            Step::Upload { files, .. } => self.upload(&api, files, remote, release, run),
            Step::SweepDrafts => sweep(&api, remote, release, run),
            Step::PushTag { tag, commit } => self.push_tag(tag, commit, remote, release, run),
            Step::HoldLatest { id, tag } => {
                let change = Change { make_latest: Some("true"), ..unchanged(tag) };
                api.change("keep the latest release", *id, &change).map(drop)
            }
            Step::Publish { .. } => self.make_public(&api, remote, release, run),
            Step::MakeLatest { id, tag, from } => {
                let change = Change { make_latest: Some("true"), ..unchanged(tag) };
                let latest = api.change("make the release the latest", *id, &change)?;
                run.became_visible();
                run.record(
                    Item::new("latest", Action::Updated)
                        .moved(from.clone(), tag)
                        .at(latest.html_url),
                );
                remote.latest = Some(tag.clone());
                Ok(())
            }
            Step::Withdraw { id, tag } => withdraw(&api, *id, tag, remote, run),
            Step::DeleteRelease { id, tag } => {
                api.delete_release(*id)?;
                run.record(Item::new(format!("release {tag}"), Action::Removed));
                remote.published = None;
                remote.assets.clear();
                remote.latest = api.latest()?;
                Ok(())
            }
        }
    }

    /// Makes the draft. Where an earlier run, or a lost answer, may have made one that the list
    /// does not show yet, the list is asked for some seconds before another is made.
    fn create(
        &self,
        api: &Api<'_>,
        prerelease: bool,
        remote: &mut Remote,
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        let frozen = release.frozen()?;
        let notes = remote.notes.as_ref().map_err(Failure::refused)?;
        fs::replace_if_changed(&notes::path(self, release), notes.as_bytes())?;
        // With an id `look` would have found it: that one is gone.
        let unanswered = Intent::load(self, release)?.is_some_and(|intent| intent.draft.is_none());
        if unanswered && let Some(draft) = await_draft(api, release, run)? {
            return self.adopt(api, draft, remote, release);
        }
        let mut intent = Intent { manifest_sha256: frozen.sha256.clone(), draft: None };
        intent.save(self, release)?;
        let tag = release.tag.name();
        let created = api.create(&NewDraft {
            tag_name: tag,
            // The commit itself may not be on GitHub yet: it comes with the tag.
            target_commitish: self.settings.target_commitish.as_deref(),
            name: self.settings.name.as_deref().unwrap_or(tag),
            body: &notes::body(notes, &frozen.sha256),
            draft: true,
            prerelease,
        });
        let draft = match created {
            Ok(draft) => draft,
            Err(error) if http::lost(&error).is_some() => {
                let found = await_draft(api, release, run)?.ok_or(error)?;
                return self.adopt(api, found, remote, release);
            }
            Err(error) => return Err(error),
        };
        intent.draft = Some(draft.id);
        intent.save(self, release)?;
        run.record(Item::new(format!("draft {tag}"), Action::Created).at(&draft.html_url));
        remote.drafts = vec![draft];
        remote.assets.clear();
        Ok(())
    }

    /// Goes on with a draft that an earlier request made.
    fn adopt(
        &self,
        api: &Api<'_>,
        draft: Release,
        remote: &mut Remote,
        release: &Local,
    ) -> Result<()> {
        let manifest_sha256 = release.frozen()?.sha256.clone();
        Intent { manifest_sha256, draft: Some(draft.id) }.save(self, release)?;
        remote.assets = api.assets(draft.id)?;
        remote.drafts = vec![draft];
        Ok(())
    }

    fn upload(
        &self,
        api: &Api<'_>,
        names: &[String],
        remote: &mut Remote,
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        let target = current(remote, release)?.clone();
        let wanted = self.wanted(release);
        let files: Vec<&Wanted> = wanted.iter().filter(|file| names.contains(&file.name)).collect();
        run.expect_bytes(files.iter().map(|file| file.size).sum());
        let public = !target.draft;
        let (stored, result) = run.each(self.settings.concurrency(), &files, |file| {
            let asset = upload_one(api, &target, file, run)?;
            if public {
                run.became_visible();
            }
            run.record(
                Item::new(&file.name, Action::Created)
                    .bytes(file.size, &file.sha256)
                    .at(&asset.browser_download_url),
            );
            Ok(asset)
        });
        remote.assets.extend(stored);
        result
    }

    fn push_tag(
        &self,
        tag: &str,
        commit: &str,
        remote: &mut Remote,
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        let by_hand = format!("push it from your repository: git push REMOTE refs/tags/{tag}");
        let repository = release.repository.as_ref().ok_or_else(|| {
            Failure::refused(format!(
                "the tag {tag} is not on GitHub, and this is no git repository"
            ))
            .hint(&by_hand)
        })?;
        let place = format!("{}/{}", self.owner, self.repo);
        let name = repository.remote_of(&place)?.ok_or_else(|| {
            Failure::refused(format!(
                "the tag {tag} is not on GitHub, and no remote here is {place}"
            ))
            .hint(&by_hand)
        })?;
        let pushed = repository.push_tag(&name, tag, commit)?;
        let action = match pushed {
            Pushed::Created => Action::Created,
            Pushed::AlreadyThere => Action::Unchanged,
        };
        run.record(Item::new(format!("tag {tag}"), action).moved(None, commit));
        let annotated = remote.local_tag.as_ref().is_none_or(common::git::TagReference::annotated);
        remote.tag = Some(RemoteTag { commit: commit.into(), annotated });
        Ok(())
    }

    /// One small request makes it visible; everything it shows is there already.
    fn make_public(
        &self,
        api: &Api<'_>,
        remote: &mut Remote,
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        let id = current(remote, release)?.id;
        let draft = api.release(id)?.with_context(|| {
            format!("the draft {id} of {} is gone: run the same command again", release.tag)
        })?;
        let tag = release.tag.name();
        let body = draft.body.as_deref().unwrap_or_default();
        let kept = body.contains(crate::remote::WITHDRAWN).then(|| {
            notes::body(&notes::without_markers(body), marked(&draft).unwrap_or_default())
        });
        let change = Change {
            target_commitish: Some(&release.manifest()?.commit),
            draft: Some(false),
            prerelease: Some(self.prerelease(&release.tag)),
            make_latest: Some("false"),
            discussion_category_name: self.settings.discussion_category_name.as_deref(),
            body: kept.as_deref(),
            ..unchanged(tag)
        };
        let public = api.change("publish the release", id, &change)?;
        run.became_visible();
        run.record(Item::new(format!("release {tag}"), Action::Created).at(&public.html_url));
        // Addresses of a draft differ from those of a release: read what users will use.
        remote.assets = api.assets(id)?;
        for asset in &remote.assets {
            if let Some(artifact) = release.manifest()?.artifact(&asset.name) {
                run.refine(
                    &asset.name,
                    &asset.browser_download_url,
                    artifact.size,
                    &artifact.sha256,
                );
            }
        }
        remote.drafts.retain(|draft| draft.id != id);
        remote.published = Some(public);
        remote.latest = api.latest()?;
        Intent::forget(self, release)?;
        Ok(())
    }
}

fn await_draft(api: &Api<'_>, release: &Local, run: &Run) -> Result<Option<Release>> {
    let sha256 = &release.frozen()?.sha256;
    for look in 0..LOOKS {
        if look > 0 {
            run.wait("GitHub may not list a new draft at once", LAG);
        }
        let mut drafts = api.releases()?;
        drafts.retain(|found| {
            found.draft && found.tag_name == release.tag.name() && marked(found) == Some(sha256)
        });
        if let Some(oldest) = drafts.into_iter().min_by_key(|draft| draft.id) {
            return Ok(Some(oldest));
        }
    }
    Ok(None)
}

fn sweep(api: &Api<'_>, remote: &mut Remote, release: &Local, run: &Run) -> Result<()> {
    let keep = current(remote, release)?.clone();
    let mut fresh = api.releases()?;
    fresh.retain(|found| {
        found.draft
            && found.id != keep.id
            && found.tag_name == release.tag.name()
            && marked(found).is_some()
    });
    for extra in fresh {
        remove_draft(api, extra.id, remote, run)?;
    }
    remote.drafts = vec![keep];
    Ok(())
}

fn remove_draft(api: &Api<'_>, id: u64, remote: &mut Remote, run: &Run) -> Result<()> {
    api.delete_release(id)?;
    run.record(Item::new(format!("draft {id}"), Action::Removed));
    remote.drafts.retain(|draft| draft.id != id);
    if remote.drafts.is_empty() {
        remote.assets.clear();
    }
    Ok(())
}

fn withdraw(api: &Api<'_>, id: u64, tag: &str, remote: &mut Remote, run: &Run) -> Result<()> {
    let body =
        remote.published.as_ref().and_then(|release| release.body.clone()).unwrap_or_default();
    let body = notes::withdrawn(&body);
    let change = Change { draft: Some(true), body: Some(&body), ..unchanged(tag) };
    let draft = api.change("take the release back", id, &change)?;
    run.record(Item::new(format!("release {tag}"), Action::Removed));
    remote.published = None;
    // Somebody else's release is no draft of ours, even after we took it back.
    remote.drafts = if marked(&draft).is_some() { vec![draft] } else { Vec::new() };
    remote.latest = api.latest()?;
    Ok(())
}

fn unchanged(tag: &str) -> Change<'_> {
    Change {
        tag_name: tag,
        target_commitish: None,
        draft: None,
        prerelease: None,
        make_latest: None,
        discussion_category_name: None,
        body: None,
    }
}

/// Returns the release that is being worked on.
fn current<'a>(remote: &'a Remote, release: &Local) -> Result<&'a Release> {
    let sha256 = &release.frozen()?.sha256;
    remote.published.as_ref().or_else(|| remote.draft(sha256)).ok_or_else(|| {
        Failure::temporary("the draft is gone").hint("run the same command again").into()
    })
}

/// Uploads one file and believes only what GitHub says it stored.
fn upload_one(api: &Api<'_>, target: &Release, file: &Wanted, run: &Run) -> Result<Asset> {
    let upload =
        Upload { name: &file.name, path: &file.path, size: file.size, sha256: &file.sha256 };
    let asset = api.upload(target, &upload, &run.meter())?;
    if asset.name != file.name {
        return Err(Failure::refused(format!(
            "GitHub stored `{}` under the name `{}`",
            file.name, asset.name
        ))
        .hint("give the file a name that GitHub keeps, and make the manifest anew")
        .into());
    }
    if !asset.is(file.size, &file.sha256) {
        // The list decides: what is half stored or wrong is removed and sent again.
        return Err(Lost::error(&format!("upload of {}", file.name), "it was not stored whole"));
    }
    Ok(asset)
}
