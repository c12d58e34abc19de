//! Brings manifest and artifacts of a staged or published release back into `dist/`.

use anyhow::{Context, Result};
use common::channel::{Release as Local, Run};
use common::error::Failure;
use common::http::{Answer, Expected};
use common::manifest::{self, Manifest};
use common::report::{Action, Item};
use common::{digest, fs};

use crate::GitHub;
use crate::api::Api;
use crate::remote::marked;
use crate::wire::{Asset, Release};

impl GitHub {
    /// Fetches the manifest, then everything it lists, each file whole and of its digest.
    pub(crate) fn bring_back(&self, release: &Local, run: &Run) -> Result<()> {
        let api = self.api(self.token()?);
        let tag = release.tag.name();
        let mut found = api.releases()?;
        found.retain(|found| found.tag_name == tag && (!found.draft || marked(found).is_some()));
        // What is published counts before what is only staged.
        found.sort_by_key(|found| (found.draft, found.id));
        let Some(source) = found.first() else {
            return Err(Failure::refused(format!("GitHub has neither release nor draft of {tag}"))
                .hint("drafts are shown only to a token that may write: set GITHUB_TOKEN")
                .into());
        };
        let assets = api.assets(source.id)?;
        let list = asset(&assets, manifest::FILE, tag)?;
        let answer = api.asset_request(list)?.send()?;
        succeeded(&answer, manifest::FILE)?;
        check_digest(source, list, &answer.body)?;
        let text = String::from_utf8(answer.body.clone())
            .with_context(|| format!("`{}` of {tag} is not text", manifest::FILE))?;
        let manifest = Manifest::parse(&text, manifest::FILE)?;
        if manifest.tag != tag {
            return Err(
                Failure::refused(format!("the manifest of {tag} says {}", manifest.tag)).into()
            );
        }
        self.fetch_all(&api, &manifest, &assets, release, run)?;
        // Last: a manifest in place means that everything it lists is.
        fs::replace(&release.dist.join(manifest::FILE), text.as_bytes())?;
        run.record(
            Item::new(manifest::FILE, Action::Created)
                .bytes(text.len() as u64, digest::sha256(text.as_bytes())),
        );
        Ok(())
    }

    fn fetch_all(
        &self,
        api: &Api<'_>,
        manifest: &Manifest,
        assets: &[Asset],
        release: &Local,
        run: &Run,
    ) -> Result<()> {
        run.expect_bytes(manifest.artifacts.iter().map(|artifact| artifact.size).sum());
        let (_, result) = run.each(self.settings.concurrency(), &manifest.artifacts, |artifact| {
            let asset = asset(assets, &artifact.name, &manifest.tag)?;
            let path = artifact.file(&release.dist);
            fs::create_folder(path.parent().unwrap_or(&release.dist))?;
            let meter = run.meter();
            let answer = api
                .asset_request(asset)?
                .progress(&meter)
                .save(&path, Expected::new(artifact.size, &artifact.sha256))?;
            succeeded(&answer, &artifact.name)?;
            run.record(
                Item::new(&artifact.name, Action::Created).bytes(artifact.size, &artifact.sha256),
            );
            Ok(())
        });
        result
    }
}

fn asset<'a>(assets: &'a [Asset], name: &str, tag: &str) -> Result<&'a Asset> {
    assets.iter().find(|asset| asset.name == name && asset.state == "uploaded").ok_or_else(|| {
        Failure::refused(format!("`{name}` is not among the assets of {tag}"))
            .hint("it was not staged whole: build it again, and compare with checksum verify")
            .into()
    })
}

fn succeeded(answer: &Answer, name: &str) -> Result<()> {
    if answer.status == 200 {
        return Ok(());
    }
    Err(Failure::refused(format!("failed to fetch `{name}`: {} {}", answer.status, answer.text()))
        .into())
}

/// A draft of ours says which manifest it was made for: no other is believed.
fn check_digest(source: &Release, list: &Asset, bytes: &[u8]) -> Result<()> {
    let found = digest::sha256(bytes);
    if marked(source).is_some_and(|marked| marked != found) || !list.is(bytes.len() as u64, &found)
    {
        return Err(Failure::refused(format!(
            "`{}` of {} is not the one it was released with",
            manifest::FILE,
            source.tag_name
        ))
        .into());
    }
    Ok(())
}
