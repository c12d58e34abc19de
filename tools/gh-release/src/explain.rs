//! What GitHub's refusals mean, in words, with the permission or variable to set.
//! Source: CHANNELS 1.1 and 1.5. Sends nothing.

use common::error::Failure;
use common::http::Answer;
use serde::Deserialize;

use crate::api::{Api, VERSION};

impl Api<'_> {
    /// A 404 of a repository that answers: a missing `workflow` permission or an unknown category.
    pub(crate) fn hidden_404(&self, verb: &str, answer: &Answer) -> Failure {
        Failure::refused(format!("failed to {verb} in {}/{}: {}", self.owner, self.repo, said(answer))).hint(
            "the repository answers, so GitHub hides another reason: a token that may not write \
             contents; a commit whose .github/workflows differ from the default branch and a token \
             without the `workflow` scope (the Workflows permission; GITHUB_TOKEN can never have it); \
             or an unknown discussion_category_name",
        )
    }

    /// Says in words what a status means, with the permission or variable to set.
    pub(crate) fn explain(&self, verb: &str, answer: &Answer) -> Failure {
        let place = format!("{}/{}", self.owner, self.repo);
        let message = format!("failed to {verb} of {place}: {}", said(answer));
        let refused = Failure::refused(message.clone());
        match answer.status {
            422 if message_of_burned_tag(answer) => {
                refused.hint("an immutable release used this tag up for good: release the next version")
            }
            401 => refused.hint("the token is not valid any more: set GITHUB_TOKEN to a new one"),
            403 if answer.header("x-github-sso").is_some() => {
                refused.hint("the organisation wants single sign-on: authorise the token for it in its settings")
            }
            403 => {
                let wanted = answer.header("x-accepted-github-permissions").unwrap_or("contents=write");
                refused.hint(format!(
                    "the token lacks a permission (it needs: {wanted}); in GitHub Actions: permissions: contents: write"
                ))
            }
            404 => refused.hint(format!(
                "{place} does not exist, or the token may not see it: check owner and repo, and give the token this repository"
            )),
            410 => refused.hint(format!("the interface {VERSION} is no longer served: update Landfall")),
            500.. => Failure::temporary(message).hint("run the same command again in a while"),
            _ => refused,
        }
    }
}

/// GitHub's words where a tag was used by an immutable release, as CHANNELS 1.5 has them.
fn message_of_burned_tag(answer: &Answer) -> bool {
    answer.text().contains("tag_name was used by an immutable release")
}

/// Returns GitHub's own words: its message and the errors below it.
fn said(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Said {
        message: String,
        #[serde(default)]
        errors: Vec<serde_json::Value>,
    }
    let Ok(said) = answer.json::<Said>() else {
        return format!("{} {}", answer.status, answer.text());
    };
    let mut text = format!("{} {}", answer.status, said.message);
    for error in said.errors {
        let word = |key: &str| error.get(key).and_then(serde_json::Value::as_str);
        let detail = match (error.as_str(), word("message"), word("field"), word("code")) {
            (Some(plain), ..) => plain.to_owned(),
            (_, Some(message), ..) => message.to_owned(),
            (_, _, Some(field), Some(code)) => format!("{field}: {code}"),
            _ => continue,
        };
        text.push_str("; ");
        text.push_str(&detail);
    }
    common::terminal::safe_line(&text, 2_000)
}
