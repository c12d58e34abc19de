//! The document of a repository: addresses, default branch, what the asker may do.
//! Knows nothing of releases.

use serde_json::{Value, json};

use super::{Inside, Outcome, render};
use crate::canary::Grant;
use crate::message::Answer;

/// Addresses that follow the pattern `{api}/{tail}`, by field.
const ADDRESSES: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// What no repository here has or is.
const OFF: [&str; 7] = [
    "fork",
    "has_projects",
    "has_wiki",
    "has_pages",
    "archived",
    "disabled",
    "web_commit_signoff_required",
];

/// What there is none of.
const NONE: [&str; 9] = [
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "network_count",
    "subscribers_count",
];

/// `GET /repos/O/R`.
pub(super) fn answer(inside: &mut Inside<'_>) -> Outcome {
    Ok(Answer::json(200, &document(inside)?))
}

/// Returns the document with every required field.
pub(super) fn document(inside: &mut Inside<'_>) -> Result<Value, Answer> {
    let id = inside.id();
    let (api, web) = (inside.api(), inside.web());
    let branch = inside.git.default_branch()?;
    let pushed = match inside.git.resolve("HEAD")? {
        Some(head) => inside.git.commit(&head)?.map(|commit| commit.committer.date),
        None => None,
    }
    .unwrap_or_else(|| "2020-01-01T00:00:00Z".to_owned());
    let private = inside.settings().private.contains(&inside.full_name);
    let categories = !inside.settings().discussion_categories.is_empty();
    let mut document = json!({
        "id": id, "node_id": render::node("R", id),
        "name": inside.name, "full_name": inside.full_name,
        "private": private, "visibility": if private { "private" } else { "public" },
        "owner": render::account(inside.request(), &inside.owner),
        "html_url": web, "description": null,
        "clone_url": format!("{web}.git"), "git_url": format!("{web}.git"),
        "ssh_url": format!("{web}.git"), "svn_url": web,
        "default_branch": branch, "language": null, "license": null, "topics": [],
        "mirror_url": null, "homepage": null, "size": 1,
        "has_issues": true, "has_downloads": true, "has_discussions": categories,
        "allow_forking": true,
        "created_at": "2020-01-01T00:00:00Z", "updated_at": pushed, "pushed_at": pushed,
    });
    for field in OFF {
        document[field] = json!(false);
    }
    for field in NONE {
        document[field] = json!(0);
    }
    for (field, tail) in ADDRESSES {
        document[field] = json!(format!("{api}{tail}"));
    }
    if let Some(grant) = inside.call.access.grant {
        let push = grant == Grant::Write;
        document["permissions"] = json!({
            "admin": false, "maintain": false, "push": push, "triage": push, "pull": true,
        });
    }
    Ok(document)
}
