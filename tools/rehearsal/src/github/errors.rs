//! The refusals of GitHub's API, in its own words and shapes.
//! Knows nothing of when they apply.

use serde_json::{Value, json};

use crate::message::Answer;

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// A message with the status both as number and, as the API has it, as text.
pub(crate) fn plain(status: u16, message: &str) -> Answer {
    let text = status.to_string();
    let body = json!({"message": message, "documentation_url": DOCUMENTATION, "status": text});
    Answer::json(status, &body)
}

pub(crate) fn not_found() -> Answer {
    plain(404, "Not Found")
}

pub(crate) fn bad_credentials() -> Answer {
    plain(401, "Bad credentials")
}

pub(crate) fn requires_authentication() -> Answer {
    plain(401, "Requires authentication")
}

/// The answer to a token that may read but not do this; `permission` is what would do.
pub(crate) fn denied(status: u16, permission: &str) -> Answer {
    if status == 404 {
        return not_found();
    }
    plain(status, "Resource not accessible by personal access token")
        .header("X-Accepted-GitHub-Permissions", permission)
}

/// One entry of `errors`: resource, field, code.
pub(crate) fn detail(resource: &str, field: &str, code: &str) -> Value {
    json!({"resource": resource, "code": code, "field": field})
}

/// One entry of `errors` with a message of its own.
pub(crate) fn custom(resource: &str, field: &str, message: &str) -> Value {
    json!({"resource": resource, "code": "custom", "field": field, "message": message})
}

/// The answer to a request that was understood but breaks a rule.
pub(crate) fn validation(errors: &[Value]) -> Answer {
    let body = json!({
        "message": "Validation Failed", "errors": errors,
        "documentation_url": DOCUMENTATION, "status": "422",
    });
    Answer::json(422, &body)
}

/// The same from the uploads host, which names the request in the body and leaves `status` out.
pub(crate) fn upload(status: u16, message: &str, errors: &[Value]) -> Answer {
    let mut body = json!({"message": message, "request_id": request_id()});
    if !errors.is_empty() {
        body["errors"] = json!(errors);
        body["documentation_url"] = json!(DOCUMENTATION);
    }
    Answer::json(status, &body)
}

/// Makes up the id that every answer carries.
pub(crate) fn request_id() -> String {
    let part = || fastrand::u16(..);
    format!(
        "{:04X}:{:04X}:{:04X}{:04X}:{:04X}{:04X}",
        part(),
        part(),
        part(),
        part(),
        part(),
        part()
    )
}

impl From<anyhow::Error> for Answer {
    /// Trouble of the stand-in itself; says so, lest it be taken for a behaviour of GitHub.
    fn from(error: anyhow::Error) -> Self {
        plain(500, &format!("the stand-in failed: {error:#}"))
    }
}
