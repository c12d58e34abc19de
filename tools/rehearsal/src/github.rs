//! The GitHub stand-in: what GitHub's API, uploads, storage and web hosts answer, as CHANNELS 1 has it.
//! Synchronous and without any network; knows nothing of faults.

mod access;
mod assets;
mod commits;
mod compare;
mod contents;
mod dispatch;
mod errors;
mod fields;
mod front_page;
mod graphql;
mod immutable;
mod latest;
mod limits;
mod names;
mod notes;
mod pages;
mod place;
mod pulls;
mod refs;
mod release_fields;
mod releases;
mod render;
mod repository;
mod routes;
mod snapshot;
mod state;
mod storage;
mod tags;
mod upload;
mod web;

use jiff::Timestamp;

use crate::message::{Answer, Request, Role};
use crate::world::World;
use access::Access;

pub(crate) use access::token;
pub(crate) use limits::{Usage, scripted as rate_limited};
pub(crate) use snapshot::snapshot;
pub(crate) use state::State;

/// A wanted answer or a refusal; both are answers.
type Outcome = Result<Answer, Answer>;

const OLDER_VERSION: &str = "2022-11-28";
const NEWER_VERSION: &str = "2026-03-10";

/// One request on its way through the API, with all that is needed to answer it.
struct Call<'a> {
    world: &'a mut World,
    request: &'a Request,
    access: Access,
    now: Timestamp,
    /// The version of the API that was asked for.
    version: &'static str,
}

/// A call about one repository that exists and may be seen.
struct Inside<'a> {
    call: Call<'a>,
    owner: String,
    name: String,
    full_name: String,
    git: crate::git::Repository,
}

impl Inside<'_> {
    fn remembered(&mut self) -> &mut state::Repository {
        self.call.world.github.repository(&self.full_name)
    }

    fn id(&mut self) -> u64 {
        self.remembered().id
    }

    fn request(&self) -> &Request {
        self.call.request
    }

    fn settings(&self) -> &crate::knobs::Github {
        &self.call.world.knobs.github
    }

    /// Returns the address of the repository in the API.
    fn api(&self) -> String {
        format!("{}/repos/{}", self.call.request.bases.api, self.full_name)
    }

    /// Returns the address of the repository for browsers.
    fn web(&self) -> String {
        format!("{}/{}", self.call.request.bases.web, self.full_name)
    }

    fn now(&self) -> String {
        stamp(self.call.now)
    }

    fn must_write(&self, permission: &str) -> Result<(), Answer> {
        self.call.access.must_write(self.settings().denied_status, permission)
    }
}

/// Formats a time as GitHub does: whole seconds, UTC.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Answers one request to any of GitHub's hosts.
pub(crate) fn answer(world: &mut World, request: &Request, now: Timestamp) -> Answer {
    match request.role {
        Role::GithubStorage => storage::answer(request, now).unwrap_or_else(|refusal| refusal),
        Role::GithubWeb => web::answer(world, request, now).unwrap_or_else(|refusal| refusal),
        Role::GithubApi | Role::GithubUploads => api(world, request, now),
    }
}

/// Leaves of an upload what a broken one leaves: a stub in state `starter`, and a 502.
pub(crate) fn half_stored(world: &mut World, request: &Request, now: Timestamp) -> Answer {
    let mut answer = answer(world, request, now);
    if answer.status == 201 && upload::leave_stub(world, request) {
        answer = Answer::text(502, "text/html", "<html><body>502 Bad Gateway</body></html>");
    }
    answer
}

fn api(world: &mut World, request: &Request, now: Timestamp) -> Answer {
    let answer = match identify(world, request) {
        Ok((access, version)) => {
            let settings = world.knobs.github.clone();
            let (meter, verdict) = world.github_usage.count(request, access, &settings, now);
            let answer = verdict.and_then(|()| {
                if request.parts() == ["rate_limit"] {
                    return Ok(Answer::json(200, &meter.document(version)));
                }
                routes::answer(Call { world, request, access, now, version })
            });
            let answer = meter.mark(answer.unwrap_or_else(|refusal| refusal));
            scopes(access, answer).header("X-GitHub-Api-Version-Selected", version)
        }
        Err(refusal) => refusal,
    };
    finish(request, answer)
}

/// Checks what every request must carry (CHANNELS 1.1).
fn identify(world: &World, request: &Request) -> Result<(Access, &'static str), Answer> {
    if request.header("user-agent").is_none_or(|agent| agent.trim().is_empty()) {
        let text = "Request forbidden by administrative rules. Please make sure your request has a \
                    User-Agent header.";
        return Err(Answer::text(403, "text/html", text));
    }
    let version = match request.header("x-github-api-version") {
        None | Some(OLDER_VERSION) => OLDER_VERSION,
        Some(NEWER_VERSION) => NEWER_VERSION,
        Some(other) => {
            let message = format!("API version `{other}` is not supported");
            return Err(errors::plain(410, &message));
        }
    };
    Ok((Access::of(request, &world.canaries)?, version))
}

/// Names the scopes of a token, as the API does for those of persons.
fn scopes(access: Access, answer: Answer) -> Answer {
    use crate::canary::Grant;
    match access.grant {
        Some(Grant::Write) => answer.header("X-OAuth-Scopes", "repo, workflow"),
        Some(Grant::Read) => answer.header("X-OAuth-Scopes", ""),
        Some(Grant::Actions) | None => answer,
    }
}

/// Adds what every answer carries, and turns an unchanged one into a 304.
fn finish(request: &Request, mut answer: Answer) -> Answer {
    if !answer.headers.iter().any(|(name, _)| name == "X-GitHub-Request-Id") {
        answer = answer.header("X-GitHub-Request-Id", errors::request_id());
    }
    let crate::message::Payload::Bytes(bytes) = &answer.payload else { return answer };
    if answer.status != 200 || request.method != "GET" {
        return answer;
    }
    let tag = format!("W/\"{}\"", crate::store::digest(bytes));
    if request.header("if-none-match") == Some(tag.as_str()) {
        answer.headers.retain(|(name, _)| name != "Content-Type");
        answer.status = 304;
        answer.payload = crate::message::Payload::Bytes(Vec::new());
    }
    answer.header("ETag", tag)
}
