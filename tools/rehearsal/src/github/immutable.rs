//! The switch for immutable releases of a repository (CHANNELS 1.5).
//! What follows from it is decided where releases and assets are changed.

use serde_json::json;

use super::{Inside, Outcome, errors};
use crate::message::Answer;

/// `GET .../immutable-releases`: 404 when off.
pub(super) fn get(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("administration=read")?;
    let enforced = inside.settings().immutable.contains(&inside.full_name);
    if !enforced && !inside.remembered().immutable {
        return Err(errors::not_found());
    }
    Ok(Answer::json(200, &json!({"enabled": true, "enforced_by_owner": enforced})))
}

/// `PUT` and `DELETE .../immutable-releases`: 409 where the owner enforces it.
pub(super) fn set(inside: &mut Inside<'_>, on: bool) -> Outcome {
    inside.must_write("administration=write")?;
    if inside.settings().immutable.contains(&inside.full_name) {
        let message = "Immutable releases are enforced by the owner of this repository.";
        return Err(errors::plain(409, message));
    }
    inside.remembered().immutable = on;
    Ok(Answer::empty(204))
}
