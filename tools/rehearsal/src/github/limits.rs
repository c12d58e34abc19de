//! Rate limits: the headers on every answer and the refusals of both kinds.
//! Counted for the whole stand-in, by the given clock; not kept on disk.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::access::Access;
use super::errors;
use crate::fault::Limit;
use crate::knobs;
use crate::message::{Answer, Request};

/// What was used of the two budgets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    hour_began: i64,
    /// With a token, and without one: GitHub counts by token and by address.
    used: [u64; 2],
    minute_began: i64,
    changes: u64,
}

/// What the headers of an answer say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    limit: u64,
    used: u64,
    reset: i64,
}

impl Usage {
    /// Counts a request; refuses it when a budget is used up.
    pub(crate) fn count(
        &mut self,
        request: &Request,
        access: Access,
        settings: &knobs::Github,
        now: Timestamp,
    ) -> (Meter, Result<(), Answer>) {
        let second = now.as_second();
        if self.hour_began == 0 || second >= self.hour_began + 3600 {
            (self.hour_began, self.used) = (second, [0, 0]);
        }
        if second >= self.minute_began + 60 {
            (self.minute_began, self.changes) = (second, 0);
        }
        let limit = if access.is_anonymous() { 60 } else { settings.primary.budget };
        let free = request.path == "/rate_limit";
        let used = &mut self.used[usize::from(access.is_anonymous())];
        let exhausted = *used >= limit && !free;
        if !free && !exhausted {
            *used += 1;
        }
        let meter = Meter { limit, used: (*used).min(limit), reset: self.hour_began + 3600 };
        if exhausted {
            let refusal =
                refuse(Limit::Primary, settings.primary.code, settings.primary.retry_after);
            return (meter, Err(refusal));
        }
        if request.method != "GET" && request.method != "HEAD" {
            self.changes += 1;
            if settings.secondary.budget.is_some_and(|budget| self.changes > budget) {
                let (code, wait) = (settings.secondary.code, settings.secondary.retry_after);
                return (meter, Err(refuse(Limit::Secondary, code, wait)));
            }
        }
        (meter, Ok(()))
    }
}

impl Meter {
    /// Puts the headers on an answer; those of a scripted refusal stay.
    pub(crate) fn mark(self, mut answer: Answer) -> Answer {
        let remaining = self.limit.saturating_sub(self.used);
        for (name, value) in [
            ("X-RateLimit-Limit", self.limit.to_string()),
            ("X-RateLimit-Remaining", remaining.to_string()),
            ("X-RateLimit-Used", self.used.to_string()),
            ("X-RateLimit-Reset", self.reset.to_string()),
            ("X-RateLimit-Resource", "core".to_owned()),
        ] {
            if !answer.headers.iter().any(|(known, _)| known == name) {
                answer.headers.push((name.to_owned(), value));
            }
        }
        answer
    }

    /// The document of `GET /rate_limit`; version 2026-03-10 lost the doubled `rate`.
    pub(crate) fn document(self, version: &str) -> Value {
        let core = json!({
            "limit": self.limit, "used": self.used, "reset": self.reset,
            "remaining": self.limit.saturating_sub(self.used),
        });
        let mut document = json!({"resources": {"core": core, "graphql": core, "search": core}});
        if version == super::OLDER_VERSION {
            document["rate"] = core;
        }
        document
    }
}

/// The refusal of a limit in its own words.
pub(crate) fn refuse(limit: Limit, code: u16, retry_after: Option<u64>) -> Answer {
    let (message, page) = match limit {
        Limit::Primary => {
            ("API rate limit exceeded for user ID 1.", "rate-limits-for-the-rest-api")
        }
        Limit::Secondary => (
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            "rate-limits-for-the-rest-api#about-secondary-rate-limits",
        ),
    };
    let page = format!("https://docs.github.com/rest/using-the-rest-api/{page}");
    let body = json!({"message": message, "documentation_url": page, "status": code.to_string()});
    let mut answer = Answer::json(code, &body).header("X-GitHub-Request-Id", errors::request_id());
    if let Some(seconds) = retry_after {
        answer = answer.header("Retry-After", seconds.to_string());
    }
    answer
}

/// The same as a scripted fault, where nothing was counted: a used-up budget says so in its headers.
pub(crate) fn scripted(
    limit: Limit,
    code: u16,
    retry_after: Option<u64>,
    now: Timestamp,
) -> Answer {
    let used = if limit == Limit::Primary { 5000 } else { 1 };
    let wait = i64::try_from(retry_after.unwrap_or(60)).unwrap_or(60);
    let meter = Meter { limit: 5000, used, reset: now.as_second() + wait };
    meter.mark(refuse(limit, code, retry_after))
}
