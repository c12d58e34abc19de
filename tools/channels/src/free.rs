//! After a rollback: what was frozen may be frozen anew, where nothing of the version ever was public.
//! Knows what a release leaves in `dist/`, not what is in it.

use anyhow::{Context, Result};
use common::contract::State;
use common::{console, fs, manifest};

use crate::call::Call;
use crate::outcome::Phase;
use crate::report;
use crate::session::Session;

/// Removes the manifest and what was derived from it, when every enabled channel says `absent` and
/// nothing tells that users ever saw the version: then nobody can have other bytes of it.
pub(crate) fn manifest(session: &Session, call: &Call, phase: &Phase) -> Result<()> {
    let (dist, tag) = (&call.dist, &call.tag);
    let path = dist.join(manifest::FILE);
    let absent = |name: &str| {
        let result = phase.results.iter().find(|(found, _)| *found == name);
        result.is_some_and(|(_, ended)| ended.document.state == Some(State::Absent))
    };
    let names = || session.fleet.channels.iter().map(|channel| channel.publisher.name.as_str());
    if call.dry_run || !path.is_file() || !names().all(absent) {
        return Ok(());
    }
    let public = names().find(|name| report::was_public(dist, tag, name));
    if let Some(name) = public {
        console::note(&format!(
            "{tag} was public on `{name}`: its bytes stay fixed in `{}`; release the next version",
            path.display()
        ));
        return Ok(());
    }
    for folder in ["derived", "receipts"] {
        let folder = dist.join(folder).join(tag.file_name());
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder)
                .with_context(|| format!("failed to remove `{}`", folder.display()))?;
        }
    }
    fs::remove(&path)?;
    console::note(&format!(
        "nothing of {tag} is anywhere: `{}` was removed, and `checksum create {tag}` may freeze other files",
        path.display()
    ));
    Ok(())
}
