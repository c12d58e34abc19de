//! Lengths of time as people read them, and the one that users feel. Pure.

use common::report::Visible;

/// Says how long users saw some of a release and not all of it.
pub(crate) fn half_visible(visible: &Visible) -> String {
    let span = visible.first.duration_until(visible.last).as_secs_f64();
    format!(
        "half visible for {} (from {} to {})",
        time(span),
        shown(visible.first),
        shown(visible.last)
    )
}

fn shown(at: jiff::Timestamp) -> String {
    let at = at.round(jiff::Unit::Second).unwrap_or(at);
    at.to_string()
}

/// Writes a length of time as people read it.
pub(crate) fn time(seconds: f64) -> String {
    if seconds < 99.95 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of seconds"
    )]
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

/// Keeps milliseconds: more says nothing.
pub(crate) fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_read_them() {
        let written = [0.04, 61.5, 125.2].map(time);
        assert_eq!(written, ["0.0 s", "61.5 s", "2 min 5 s"]);
    }
}
