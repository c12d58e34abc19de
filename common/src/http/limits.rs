//! What a status and its headers say about trying again: rate limits, server errors.
//! Pure; knows neither the budget nor the clock.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use ureq::http::HeaderMap;

/// What GitHub asks for when a secondary limit comes without a header.
const SECONDARY: Duration = Duration::from_secs(60);

/// What follows from an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is the answer.
    Final,
    /// The request was turned away before anything was done: any method may be sent again.
    TurnedAway(Option<Duration>),
    /// The request may or may not have had its effect.
    Unclear(Option<Duration>),
}

/// Judges an answer; `now` is the local clock in seconds since 1970, used when the answer carries no `Date`.
pub(super) fn judge(status: u16, headers: &HeaderMap, body: &[u8], now: i64) -> Verdict {
    let now = text(headers, "date").and_then(date).unwrap_or(now);
    let asked = text(headers, "retry-after").and_then(|value| retry_after(value, now));
    match status {
        429 => Verdict::TurnedAway(
            asked
                .or_else(|| reset(headers, now))
                .or_else(|| is_secondary(body).then_some(SECONDARY)),
        ),
        403 => match asked
            .or_else(|| reset(headers, now))
            .or_else(|| is_secondary(body).then_some(SECONDARY))
        {
            Some(wait) => Verdict::TurnedAway(Some(wait)),
            None => Verdict::Final,
        },
        // 520 to 527 are Cloudflare's words for the same.
        408 | 500 | 502..=504 | 520..=527 => Verdict::Unclear(asked),
        _ => Verdict::Final,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Reads both forms of RFC 9110 section 10.2.3: seconds, or an HTTP date.
fn retry_after(value: &str, now: i64) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    date(value).map(|then| until(then, now))
}

/// Reads the seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(value: &str) -> Option<i64> {
    DateTimeParser::new().parse_timestamp(value).ok().map(jiff::Timestamp::as_second)
}

/// An exhausted primary limit: `x-ratelimit-remaining: 0`, and `x-ratelimit-reset` in seconds since 1970.
fn reset(headers: &HeaderMap, now: i64) -> Option<Duration> {
    if text(headers, "x-ratelimit-remaining")? != "0" {
        return None;
    }
    let then: i64 = text(headers, "x-ratelimit-reset")?.parse().ok()?;
    // A second more, because the clock of the limit is not to the second.
    Some(until(then, now) + Duration::from_secs(1))
}

fn until(then: i64, now: i64) -> Duration {
    Duration::from_secs(u64::try_from(then.saturating_sub(now)).unwrap_or(0))
}

/// GitHub's secondary limits as they have been worded; their `documentation_url` ends in one of the anchors.
fn is_secondary(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    [
        "secondary rate limit",
        "secondary-rate-limits",
        "abuse-rate-limits",
        "temporarily blocked from content creation",
    ]
    .iter()
    .any(|words| head.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::{HeaderName, HeaderValue};

    const NOW: i64 = 784_111_777; // Sun, 06 Nov 1994 08:49:37 GMT

    #[track_caller]
    fn check(status: u16, headers: &[(&'static str, &'static str)], body: &str, expected: Verdict) {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        assert_eq!(judge(status, &map, body.as_bytes(), NOW), expected, "{status} {headers:?}");
    }

    fn turned_away(seconds: u64) -> Verdict {
        Verdict::TurnedAway(Some(Duration::from_secs(seconds)))
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        check(429, &[("retry-after", "7")], "", turned_away(7));
        check(429, &[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")], "", turned_away(60));
        check(429, &[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], "", turned_away(0));
        check(429, &[("retry-after", "soon")], "", Verdict::TurnedAway(None));
        check(429, &[], "", Verdict::TurnedAway(None));
        check(503, &[("retry-after", "3")], "", Verdict::Unclear(Some(Duration::from_secs(3))));
    }

    #[test]
    fn the_servers_own_clock_counts() {
        let headers = [
            ("date", "Sun, 06 Nov 1994 09:00:00 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 09:00:05 GMT"),
        ];
        check(429, &headers, "", turned_away(5));
    }

    #[test]
    fn an_exhausted_primary_limit_waits_for_its_reset() {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111807")];
        check(403, &headers, "", turned_away(31));
        check(429, &headers, "", turned_away(31));
        check(
            403,
            &[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "784111807")],
            "",
            Verdict::Final,
        );
        check(200, &headers, "", Verdict::Final);
    }

    #[test]
    fn a_secondary_limit_without_a_header_waits_a_minute() {
        let body = r#"{"message":"You have exceeded a secondary rate limit. Please wait."}"#;
        check(403, &[], body, turned_away(60));
        check(429, &[], body, turned_away(60));
        check(403, &[("retry-after", "5")], body, turned_away(5));
        check(403, &[], r#"{"message":"Resource not accessible by integration"}"#, Verdict::Final);
    }

    #[test]
    fn server_errors_are_unclear_and_refusals_are_final() {
        for status in [408, 500, 502, 503, 504, 522] {
            check(status, &[], "", Verdict::Unclear(None));
        }
        for status in [200, 201, 204, 304, 400, 401, 404, 409, 422, 501, 505] {
            check(status, &[], "", Verdict::Final);
        }
    }
}
