//! Pull requests (CHANNELS 1.6): those a knob tells of and those made through the API.
//! Merging is left to knobs: a merged one names its commit.

use serde_json::{Value, json};

use super::fields::Fields;
use super::state::Pull;
use super::{Inside, Outcome, errors, pages, render, repository};
use crate::message::Answer;

/// Lists all of a repository, with merge commits resolved to hashes.
pub(super) fn all(inside: &mut Inside<'_>) -> Result<Vec<Pull>, Answer> {
    let told = inside.settings().pulls.get(&inside.full_name).cloned().unwrap_or_default();
    let base = inside.git.default_branch()?;
    let mut found = Vec::new();
    for pull in told {
        let merge_commit = match &pull.merge_commit {
            Some(revision) => inside.git.resolve(revision)?,
            None => None,
        };
        found.push(Pull {
            id: 9_000_000 + pull.number,
            number: pull.number,
            title: pull.title,
            body: None,
            head: format!("change-{}", pull.number),
            base: base.clone(),
            draft: false,
            closed: merge_commit.is_some(),
            merge_commit,
            user: pull.user,
            at: "2020-01-01T00:00:00Z".to_owned(),
        });
    }
    found.extend(inside.remembered().pulls.iter().cloned());
    Ok(found)
}

fn document(inside: &mut Inside<'_>, pull: &Pull) -> Result<Value, Answer> {
    let whole = repository::document(inside)?;
    let (api, web, number) = (inside.api(), inside.web(), pull.number);
    let owner = inside.owner.clone();
    let user = render::account(inside.request(), &pull.user);
    let side = |branch: &str, sha: Option<String>| {
        json!({
            "label": format!("{owner}:{branch}"), "ref": branch, "sha": sha.unwrap_or_default(),
            "user": whole["owner"], "repo": whole,
        })
    };
    let head = inside.git.resolve(&format!("refs/heads/{}", pull.head))?;
    let head = side(&pull.head, head.or(pull.merge_commit.clone()));
    let base = side(&pull.base, inside.git.resolve(&format!("refs/heads/{}", pull.base))?);
    let (url, html) = (format!("{api}/pulls/{number}"), format!("{web}/pull/{number}"));
    let issue = format!("{api}/issues/{number}");
    let over = pull.closed.then_some(&pull.at);
    let mut document = json!({
        "id": pull.id, "node_id": render::node("PR", pull.id), "number": number,
        "state": if pull.closed { "closed" } else { "open" }, "locked": false,
        "title": pull.title, "body": pull.body, "user": user, "draft": pull.draft,
        "url": url, "html_url": html, "issue_url": issue,
        "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"),
        "commits_url": format!("{url}/commits"), "comments_url": format!("{issue}/comments"),
        "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
        "statuses_url": format!("{api}/statuses"),
        "created_at": pull.at, "updated_at": pull.at, "closed_at": over,
        "merged_at": pull.merge_commit.as_ref().and(over), "merge_commit_sha": pull.merge_commit,
        "assignee": null, "assignees": [], "requested_reviewers": [], "requested_teams": [],
        "labels": [], "milestone": null, "author_association": "OWNER", "auto_merge": null,
        "head": head, "base": base,
    });
    let tails = [
        ("self", url.clone()),
        ("html", html),
        ("issue", issue.clone()),
        ("comments", format!("{issue}/comments")),
        ("review_comments", format!("{url}/comments")),
        ("review_comment", format!("{api}/pulls/comments{{/number}}")),
        ("commits", format!("{url}/commits")),
        ("statuses", format!("{api}/statuses")),
    ];
    for (name, address) in tails {
        document["_links"][name] = json!({"href": address});
    }
    if inside.call.version == super::NEWER_VERSION
        && let Some(fields) = document.as_object_mut()
    {
        fields.remove("merge_commit_sha");
        fields.remove("assignee");
    }
    Ok(document)
}

fn answer(inside: &mut Inside<'_>, path: &str, found: &[Pull]) -> Outcome {
    let mut documents = Vec::new();
    for pull in found {
        documents.push(document(inside, pull)?);
    }
    let (id, largest) = (inside.id(), inside.settings().list_page_size);
    Ok(pages::answer(inside.request(), id, path, largest, &documents))
}

/// `GET .../pulls?head=OWNER:BRANCH&base=&state=`: open ones by default.
pub(super) fn list(inside: &mut Inside<'_>) -> Outcome {
    let wanted = |name: &str| inside.request().parameter(name).map(str::to_owned);
    let (head, base) = (wanted("head"), wanted("base"));
    let state = wanted("state").unwrap_or_else(|| "open".to_owned());
    let owner = inside.owner.clone();
    let mut found = all(inside)?;
    found.retain(|pull| {
        let fits_state = state == "all" || (state == "closed") == pull.closed;
        let label = format!("{owner}:{}", pull.head);
        fits_state
            && head.as_ref().is_none_or(|head| *head == label)
            && base.as_ref().is_none_or(|base| *base == pull.base)
    });
    found.sort_by_key(|pull| std::cmp::Reverse(pull.number));
    answer(inside, "pulls", &found)
}

/// `GET .../commits/SHA/pulls`: those that a commit came in with.
pub(super) fn of_commit(inside: &mut Inside<'_>, sha: &str) -> Outcome {
    let Some(commit) = inside.git.resolve(sha)? else {
        return Err(errors::plain(422, &format!("No commit found for SHA: {sha}")));
    };
    let mut found = all(inside)?;
    found.retain(|pull| pull.merge_commit.as_ref() == Some(&commit));
    answer(inside, &format!("commits/{sha}/pulls"), &found)
}

/// The document of a single one, which says more than those in lists.
fn whole(inside: &mut Inside<'_>, pull: &Pull) -> Result<Value, Answer> {
    let mut document = document(inside, pull)?;
    for field in ["additions", "deletions", "changed_files", "comments", "review_comments"] {
        document[field] = json!(0);
    }
    document["commits"] = json!(1);
    document["merged"] = json!(pull.merge_commit.is_some());
    document["merged_by"] = Value::Null;
    document["mergeable"] = json!(!pull.closed);
    document["mergeable_state"] = json!("clean");
    document["maintainer_can_modify"] = json!(false);
    Ok(document)
}

/// `GET .../pulls/NUMBER`.
pub(super) fn get(inside: &mut Inside<'_>, number: u64) -> Outcome {
    let found = all(inside)?.into_iter().find(|pull| pull.number == number);
    Ok(Answer::json(200, &whole(inside, &found.ok_or_else(errors::not_found)?)?))
}

/// `POST .../pulls`: one open request for a branch, and only with commits in it.
pub(super) fn create(inside: &mut Inside<'_>) -> Outcome {
    inside.must_write("pull_requests=write")?;
    let fields = Fields::of(inside.request())?;
    let (title, head, base) =
        (fields.required("title")?, fields.required("head")?, fields.required("base")?);
    let own = format!("{}:", inside.owner);
    let head = head.strip_prefix(&own).unwrap_or(head);
    let refuse = |message: String| {
        Err(errors::validation(&[errors::custom("PullRequest", "base", &message)]))
    };
    let Some(tip) = inside.git.resolve(&format!("refs/heads/{head}"))? else {
        return Err(errors::validation(&[errors::detail("PullRequest", "head", "invalid")]));
    };
    let Some(onto) = inside.git.resolve(&format!("refs/heads/{base}"))? else {
        return Err(errors::validation(&[errors::detail("PullRequest", "base", "invalid")]));
    };
    if inside.git.range(&onto, &tip)?.is_empty() {
        return refuse(format!("No commits between {base} and {head}"));
    }
    let known = all(inside)?;
    if known.iter().any(|pull| !pull.closed && pull.head == head && pull.base == base) {
        return refuse(format!("A pull request already exists for {own}{head}."));
    }
    let number = known.iter().map(|pull| pull.number).max().unwrap_or(0) + 1;
    let pull = Pull {
        id: inside.call.world.github.new_id(),
        number,
        title: title.to_owned(),
        body: fields.text("body")?.map(str::to_owned),
        user: inside.call.access.login().to_owned(),
        head: head.to_owned(),
        base: base.to_owned(),
        draft: fields.flag("draft")?.unwrap_or(false),
        closed: false,
        merge_commit: None,
        at: inside.now(),
    };
    inside.remembered().pulls.push(pull.clone());
    Ok(Answer::json(201, &whole(inside, &pull)?))
}
