//! What the API says of itself and of whoever asks: its root, its versions, the account of a token.
//! Knows nothing of repositories.

use serde_json::{Map, Value, json};

use super::{Call, NEWER_VERSION, OLDER_VERSION, Outcome, errors, render};
use crate::canary::Grant;
use crate::message::{Answer, Request};

/// What the root names, by field and path below the API.
const ADDRESSES: [(&str, &str); 31] = [
    ("current_user_url", "/user"),
    ("current_user_authorizations_html_url", "/settings/connections/applications{/client_id}"),
    ("authorizations_url", "/authorizations"),
    ("code_search_url", "/search/code?q={query}"),
    ("commit_search_url", "/search/commits?q={query}"),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    ("issue_search_url", "/search/issues?q={query}"),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    ("label_search_url", "/search/labels?q={query}"),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    ("organization_repositories_url", "/orgs/{org}/repos"),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    ("repository_search_url", "/search/repositories?q={query}"),
    ("current_user_repositories_url", "/user/repos"),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    ("user_repositories_url", "/users/{user}/repos"),
    ("user_search_url", "/search/users?q={query}"),
];

/// `GET /`.
pub(super) fn root(request: &Request) -> Answer {
    let api = &request.bases.api;
    let all: Map<String, Value> = ADDRESSES
        .iter()
        .map(|(field, path)| ((*field).to_owned(), json!(format!("{api}{path}"))))
        .collect();
    Answer::json(200, &Value::Object(all))
}

/// `GET /versions`.
pub(super) fn versions() -> Answer {
    Answer::json(200, &json!([NEWER_VERSION, OLDER_VERSION]))
}

/// `GET /user`: the token of a job belongs to nobody.
pub(super) fn user(call: &Call<'_>) -> Outcome {
    match call.access.grant {
        None => return Err(errors::requires_authentication()),
        Some(Grant::Actions) => {
            return Err(errors::plain(403, "Resource not accessible by integration"));
        }
        Some(Grant::Read | Grant::Write) => {}
    }
    let mut account = render::account(call.request, call.access.login());
    for field in ["bio", "blog", "company", "email", "hireable", "location", "name"] {
        account[field] = Value::Null;
    }
    for field in ["followers", "following", "public_gists", "public_repos"] {
        account[field] = json!(0);
    }
    for field in ["created_at", "updated_at"] {
        account[field] = json!("2020-01-01T00:00:00Z");
    }
    Ok(Answer::json(200, &account))
}
