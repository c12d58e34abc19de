//! One request from its head to its answer: count it, strike it, read it, let it be answered, note it.
//! All faults are here; the meaning of a request is not.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::Response;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, EXPECT, HOST};
use tempfile::TempPath;

use super::address::{self, Destination};
use super::body::{self, Outgoing};
use super::record::{headers, record, text};
use super::reply::{cut, instead, respond, send, status};
use super::{Door, Front};
use crate::fault::{Effect, Fault};
use crate::github;
use crate::message::{self, Answer, Body, Request, Role};

/// Answers a request; an error cuts the connection.
pub(super) async fn exchange(
    front: Arc<Front>,
    door: Door,
    reset: Arc<AtomicBool>,
    incoming: hyper::Request<Incoming>,
) -> io::Result<Response<Outgoing>> {
    let (head, content) = incoming.into_parts();
    let path = head.uri.path().to_owned();
    let host = text(&head.headers, &HOST).unwrap_or_default();
    let public_api = front.shared().world.knobs.github.public_api.clone();
    let found = address::find(&front.origins, public_api.as_deref(), door, &host, &path);
    let Some(Destination { role, path, bases }) = found else {
        let message = format!("no stand-in has the name `{host}`");
        return respond(&front, &Answer::text(421, "text/plain", message), None);
    };
    let expects = head.headers.contains_key(EXPECT);
    let mut request = Request {
        role,
        method: head.method.as_str().to_owned(),
        segments: message::segments(&path),
        path,
        query: message::query(head.uri.query().unwrap_or_default()),
        headers: headers(&head.headers),
        content_length: text(&head.headers, &CONTENT_LENGTH).and_then(|size| size.parse().ok()),
        body: Body::default(),
        bases,
    };
    let (number, fault, latency) = arrive(&front, &request);
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut logged = record(&front, &request, number, &host, target, fault.as_ref());
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }

    match &fault {
        Some(Fault::DropBefore) => return cut(&front, logged, "dropped before it was processed"),
        Some(Fault::Reset) => {
            reset.store(true, Ordering::Relaxed);
            return cut(&front, logged, "reset");
        }
        Some(Fault::KillBefore) => {
            kill(&front).await;
            return cut(&front, logged, "the client was killed");
        }
        _ => {}
    }
    if let Some(answer) = fault.as_ref().and_then(|fault| instead(&front, fault)) {
        // A client that waits for leave to send its body gets the answer at once.
        if !expects {
            let arrived =
                body::read(&front.store, content, false).await.map_err(io::Error::other)?;
            (logged.body_size, logged.body_sha256) = (arrived.body.size, arrived.body.sha256);
        }
        return send(&front, logged, &answer, None);
    }

    let to_disk = role == Role::GithubUploads;
    let arrived = body::read(&front.store, content, to_disk).await.map_err(io::Error::other)?;
    request.body = arrived.body;
    (logged.body_size, logged.body_sha256) = (request.body.size, request.body.sha256.clone());
    if matches!(fault, Some(Fault::ExpiredToken)) {
        request.headers.retain(|(name, _)| name != "authorization");
        request.headers.push(("authorization".to_owned(), "Bearer expired".to_owned()));
    }
    let answer = {
        let (front, fault) = (Arc::clone(&front), fault.clone());
        let complete = arrived.complete;
        let work = move || process(&front, &request, arrived.spooled, complete, fault.as_ref());
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    };
    if !arrived.complete {
        return cut(&front, logged, "the client went away");
    }
    logged.remarks.clone_from(&answer.remarks);

    match &fault {
        Some(Fault::DropAfter) => cut(&front, logged, "dropped after it was processed"),
        Some(Fault::KillAfter) => {
            kill(&front).await;
            cut(&front, logged, "the client was killed")
        }
        Some(Fault::Status { code, retry_after, effect: Effect::After }) => {
            send(&front, logged, &status(*code, *retry_after), None)
        }
        _ => send(&front, logged, &answer, fault.as_ref()),
    }
}

/// Gives a request its number and finds the fault that strikes it.
fn arrive(front: &Front, request: &Request) -> (u64, Option<Fault>, u64) {
    let mut shared = front.shared();
    shared.arrived += 1;
    let fault = shared.script.strike(request.role, &request.method, &request.path);
    (shared.arrived, fault, shared.world.knobs.latency)
}

/// Lets the stand-in answer, and has the new state on disk before the answer leaves.
fn process(
    front: &Front,
    request: &Request,
    spooled: Option<TempPath>,
    complete: bool,
    fault: Option<&Fault>,
) -> Answer {
    let now = front.clock.now();
    let mut shared = front.shared();
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    if let (true, Some(Fault::StaleRead), Some(previous)) = (reads, fault, shared.previous.clone())
    {
        let present = std::mem::replace(&mut shared.world.github, previous);
        let answer = github::answer(&mut shared.world, request, now);
        shared.world.github = present;
        return answer;
    }
    if !reads {
        shared.previous = Some(shared.world.github.clone());
    }
    // GitHub keeps a stub of an upload that broke off; anything else that broke off never happened.
    let half = matches!(fault, Some(Fault::HalfStoredUpload)) || !complete;
    let answer = match (half, request.role) {
        (false, _) => github::answer(&mut shared.world, request, now),
        (true, Role::GithubUploads) => github::half_stored(&mut shared.world, request, now),
        (true, _) if complete => github::answer(&mut shared.world, request, now),
        (true, _) => return Answer::empty(400),
    };
    let kept = match spooled {
        Some(spooled) if answer.keep_body => front.store.keep(spooled, &request.body.sha256),
        _ => Ok(()),
    };
    let saved = kept.and_then(|()| {
        if reads && !answer.changed {
            Ok(())
        } else {
            front.store.save("github.json", &shared.world.github)
        }
    });
    saved.map_or_else(Answer::from, |()| answer)
}

async fn kill(front: &Arc<Front>) {
    if let Some(victim) = front.victim() {
        // The test's closure may wait for the process to be gone.
        let _ = tokio::task::spawn_blocking(move || victim()).await;
    }
}
