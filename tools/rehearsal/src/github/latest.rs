//! Which release is "the latest": the one last made so by word, else the newest one by the date of its commit.
//! Pure; a release with `make_latest: "false"` is still the latest where no other was made so by word.

use super::release_fields::MakeLatest;
use super::state::{Release, Repository};

/// Finds the latest release.
pub(super) fn of(repository: &Repository) -> Option<&Release> {
    let named = repository.latest.and_then(|id| repository.release(id));
    named.filter(|release| release.can_be_latest()).or_else(|| {
        repository
            .releases
            .iter()
            .filter(|release| release.can_be_latest())
            .max_by_key(|release| (release.created_at.clone(), release.id))
    })
}

/// Notes what was asked for a release that is published now or was already.
pub(super) fn note(repository: &mut Repository, id: u64, wanted: MakeLatest) {
    let able = repository.release(id).is_some_and(Release::can_be_latest);
    match wanted {
        MakeLatest::True if able => repository.latest = Some(id),
        MakeLatest::False if repository.latest == Some(id) => repository.latest = None,
        MakeLatest::Legacy => repository.latest = None,
        MakeLatest::True | MakeLatest::False => {}
    }
}
