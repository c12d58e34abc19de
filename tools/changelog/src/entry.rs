//! What a commit means to users: its group, its text, the pull request it came by.
//! Pure; knows the habits of commit messages (conventional commits, GitHub's merges) and no Markdown.

use std::collections::HashSet;

use crate::history::Commit;

/// What is listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Include {
    /// Commits.
    pub(crate) commits: bool,
    /// Merged pull requests, as entries of their own or as references behind commits.
    pub(crate) pull_requests: bool,
}

/// The groups, in the order in which they are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// What users must act upon.
    Breaking,
    /// What is new.
    Features,
    /// What works again.
    Fixes,
    /// What is faster.
    Performance,
    /// Everything else.
    Other,
}

impl Group {
    /// Returns the heading.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Group::Breaking => "Breaking changes",
            Group::Features => "Features",
            Group::Fixes => "Fixes",
            Group::Performance => "Performance",
            Group::Other => "Other",
        }
    }
}

/// One change, as its author described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it is listed.
    pub(crate) group: Group,
    /// The part of the project it concerns.
    pub(crate) scope: Option<String>,
    /// What changed.
    pub(crate) text: String,
    /// What users must act upon, where it is said apart.
    pub(crate) consequence: Option<String>,
    /// The number of the pull request.
    pub(crate) pull_request: Option<u64>,
    /// The commit's full object name.
    pub(crate) hash: String,
}

/// Reads commits into entries by group, within a group in the order given.
///
/// Merges are left out, but for the pull requests that they name; so are the commits of a release itself.
pub(crate) fn read(commits: &[Commit], include: Include) -> Vec<Entry> {
    let mut merged: Vec<Merged<'_>> = commits.iter().filter_map(Merged::read).collect();
    if !include.pull_requests {
        merged.clear();
    }
    // A pull request of one commit has that commit's title: it is listed once.
    let titles: HashSet<&str> = merged.iter().map(|merged| merged.title).collect();
    let mut entries = Vec::new();
    for commit in commits {
        if let Some(found) = merged.iter().find(|merged| merged.commit.hash == commit.hash) {
            entries.push(entry(found.title, found.title, Some(found.number), &commit.hash));
        } else if !commit.merge {
            let (subject, number) = without_number(subject(&commit.message));
            let wanted = include.commits || number.is_some() && include.pull_requests;
            if wanted && !(number.is_none() && titles.contains(subject)) {
                let message = commit.message.replacen(self::subject(&commit.message), subject, 1);
                let number = number.filter(|_| include.pull_requests);
                entries.push(entry(subject, &message, number, &commit.hash));
            }
        }
    }
    let mut entries: Vec<Entry> = entries.into_iter().flatten().collect();
    entries.sort_by_key(|entry| entry.group);
    entries
}

/// A pull request as GitHub's merge commit names it.
struct Merged<'a> {
    commit: &'a Commit,
    number: u64,
    title: &'a str,
}

impl<'a> Merged<'a> {
    fn read(commit: &'a Commit) -> Option<Self> {
        let subject = subject(&commit.message);
        let (number, branch) =
            subject.strip_prefix("Merge pull request #")?.split_once(" from ")?;
        let body = commit
            .message
            .trim_start()
            .lines()
            .skip(1)
            .map(str::trim)
            .find(|line| !line.is_empty());
        // Without a title in the body the branch is all that is known.
        Some(Self { commit, number: number.parse().ok()?, title: body.unwrap_or(branch) })
    }
}

fn entry(subject: &str, message: &str, pull_request: Option<u64>, hash: &str) -> Option<Entry> {
    if subject.is_empty() {
        return None;
    }
    let message = message.replace("\r\n", "\n");
    // A body that breaks the rules of footers must not hide a subject that keeps them.
    let parsed = git_conventional::Commit::parse(message.trim())
        .or_else(|_| git_conventional::Commit::parse(subject));
    let plain = Entry {
        group: Group::Other,
        scope: None,
        text: subject.to_owned(),
        consequence: None,
        pull_request,
        hash: hash.to_owned(),
    };
    let Ok(parsed) = parsed else { return Some(plain) };
    let kind = parsed.type_().as_str().to_ascii_lowercase();
    let scope = parsed.scope().map(|scope| scope.as_str().to_owned());
    if kind == "chore"
        && scope.as_deref().is_some_and(|scope| scope.eq_ignore_ascii_case("release"))
    {
        return None;
    }
    let group = match kind.as_str() {
        _ if parsed.breaking() => Group::Breaking,
        "feat" | "feature" => Group::Features,
        "fix" => Group::Fixes,
        "perf" => Group::Performance,
        // Here the type is worth reading, so the subject stays whole.
        _ => return Some(plain),
    };
    let text = parsed.description().to_owned();
    let consequence = parsed.breaking_description().filter(|said| *said != text).map(str::to_owned);
    Some(Entry { group, scope, text, consequence, ..plain })
}

fn subject(message: &str) -> &str {
    message.trim_start().lines().next().unwrap_or_default().trim_end()
}

/// Takes the ` (#12)` off that GitHub puts behind the title of a squashed pull request.
fn without_number(subject: &str) -> (&str, Option<u64>) {
    let found = subject.strip_suffix(')').and_then(|rest| rest.rsplit_once("(#"));
    match found.and_then(|(title, number)| Some((title.trim_end(), number.parse().ok()?))) {
        Some((title, number)) if !title.is_empty() => (title, Some(number)),
        _ => (subject, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Include = Include { commits: true, pull_requests: true };

    fn commit(message: &str) -> Commit {
        Commit {
            hash: format!("{:0>40}", message.len()),
            merge: message.starts_with("Merge "),
            message: message.to_owned(),
        }
    }

    /// Group, scope, text, consequence and pull request of each entry.
    #[track_caller]
    fn check(messages: &[&str], include: Include, expected: &[&str]) {
        let commits: Vec<Commit> = messages.iter().map(|message| commit(message)).collect();
        let shown = |entry: &Entry| {
            let scope =
                entry.scope.as_deref().map(|scope| format!("{scope}: ")).unwrap_or_default();
            let consequence =
                entry.consequence.as_deref().map(|text| format!(" | {text}")).unwrap_or_default();
            let number = entry.pull_request.map(|number| format!(" #{number}")).unwrap_or_default();
            format!("{:?} {scope}{}{consequence}{number}", entry.group, entry.text)
        };
        let found: Vec<String> = read(&commits, include).iter().map(shown).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn conventional_commits_go_into_their_groups() {
        check(
            &[
                "docs: say it",
                "fix(api): hold on\n",
                "feat: greet (#12)",
                "perf: hurry",
                "Update things",
                "Feat: shout",
            ],
            ALL,
            &[
                "Features greet #12",
                "Features shout",
                "Fixes api: hold on",
                "Performance hurry",
                "Other docs: say it",
                "Other Update things",
            ],
        );
    }

    #[test]
    fn breaking_changes_come_first_with_what_follows_from_them() {
        check(
            &[
                "feat: a",
                "fix(api)!: b",
                "chore: c\n\nWhy so.\n\nBREAKING CHANGE: use d\ninstead of c\nReviewed-by: e",
                "feat: f\n\nBREAKING CHANGE without a colon\n",
            ],
            ALL,
            &["Breaking api: b", "Breaking c | use d\ninstead of c", "Features a", "Features f"],
        );
    }

    #[test]
    fn merges_and_commits_of_releases_are_left_out() {
        check(
            &["Merge branch 'main' into x", "chore(release): 1.0.0", "chore(Release)!: x", ""],
            ALL,
            &[],
        );
    }

    #[test]
    fn merged_pull_requests_are_listed_once() {
        let messages = [
            "Merge pull request #7 from acme/topic\n\nfeat: add it\n\nlong story",
            "feat: add it",
            "fix: on the way",
            "fix: b (#9)",
        ];
        check(&messages, ALL, &["Features add it #7", "Fixes on the way", "Fixes b #9"]);
        let commits_only = Include { commits: true, pull_requests: false };
        check(&messages, commits_only, &["Features add it", "Fixes on the way", "Fixes b"]);
        let pull_requests_only = Include { commits: false, pull_requests: true };
        check(&messages, pull_requests_only, &["Features add it #7", "Fixes b #9"]);
        check(&["Merge pull request #8 from acme/topic\n"], ALL, &["Other acme/topic #8"]);
    }

    #[test]
    fn odd_messages_are_kept_as_they_are() {
        check(
            &[
                "(#12)",
                "x (#12) y",
                "y (#99999999999999999999999)",
                "z (#x)",
                "feat:",
                ": a",
                "\u{1b}[31m",
            ],
            ALL,
            &[
                "Other (#12)",
                "Other x (#12) y",
                "Other y (#99999999999999999999999)",
                "Other z (#x)",
                "Other feat:",
                "Other : a",
                "Other \u{1b}[31m",
            ],
        );
    }
}
