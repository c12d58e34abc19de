//! The storage host behind downloads: signed addresses that expire, and no other credentials beside the signature.
//! Knows nothing of releases; serves blobs by digest.

use jiff::Timestamp;

use super::pages::escape;
use super::state::Asset;
use super::{Outcome, errors};
use crate::message::{Answer, Payload, Request};
use crate::store::digest;

/// How long a signed address works, in seconds.
const LIFETIME: i64 = 300;

/// Returns the signed address of an asset's content; absent for the stub of a broken upload.
pub(super) fn location(request: &Request, asset: &Asset, now: Timestamp) -> Option<String> {
    let sha256 = asset.sha256.as_ref()?;
    let until = now.as_second() + LIFETIME;
    let signature = sign(sha256, asset.size, until);
    let disposition = escape(&format!("attachment; filename={}", asset.name));
    let kind = escape(&asset.content_type);
    let base = &request.bases.storage;
    Some(format!(
        "{base}/assets/{sha256}?size={}&se={until}&sig={signature}&rscd={disposition}&rsct={kind}",
        asset.size
    ))
}

fn sign(sha256: &str, size: u64, until: i64) -> String {
    digest(format!("storage {sha256} {size} {until}").as_bytes())
}

/// Answers a request to the storage host.
pub(super) fn answer(request: &Request, now: Timestamp) -> Outcome {
    // The real one takes either way of proving oneself and refuses two at once.
    if request.header("authorization").is_some() {
        return Err(refusal(400, "InvalidArgument", "Only one auth mechanism allowed"));
    }
    let parts = request.parts();
    let (["assets", sha256], "GET" | "HEAD") = (&parts[..], request.method.as_str()) else {
        return Err(refusal(404, "ResourceNotFound", "The specified resource does not exist."));
    };
    let size: u64 = request.parameter("size").and_then(|size| size.parse().ok()).unwrap_or(0);
    let until: i64 = request.parameter("se").and_then(|until| until.parse().ok()).unwrap_or(0);
    let signed = request.parameter("sig") == Some(sign(sha256, size, until).as_str());
    if !signed || until < now.as_second() {
        return Err(refusal(403, "AuthenticationFailed", "Signature not valid or expired."));
    }
    let kind = request.parameter("rsct").unwrap_or("application/octet-stream");
    let mut answer = Answer::empty(200).header("Content-Type", kind);
    if let Some(disposition) = request.parameter("rscd") {
        answer = answer.header("Content-Disposition", disposition);
    }
    answer.payload = Payload::Blob { sha256: (*sha256).to_owned(), size };
    Ok(answer.header("X-GitHub-Request-Id", errors::request_id()))
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Answer::text(status, "application/xml", text)
}
