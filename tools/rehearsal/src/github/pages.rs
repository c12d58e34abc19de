//! Cutting a list into pages, with the `Link` header on the numeric form of the repository's address.
//! Knows nothing of what is listed.

use serde_json::Value;

use crate::message::{Answer, Request};

/// Answers with one page; `path` follows `/repositories/{id}` in the links.
pub(crate) fn answer(
    request: &Request,
    repository: u64,
    path: &str,
    largest: usize,
    all: &[Value],
) -> Answer {
    let (page, size) = wanted(request, largest);
    let shown: Vec<&Value> = all.iter().skip((page - 1) * size).take(size).collect();
    let answer = Answer::json(200, &serde_json::json!(shown));
    with_links(answer, request, repository, path, largest, all.len())
}

/// Adds the `Link` header where there is more than one page.
pub(crate) fn with_links(
    answer: Answer,
    request: &Request,
    repository: u64,
    path: &str,
    largest: usize,
    total: usize,
) -> Answer {
    let (page, size) = wanted(request, largest);
    let last = total.div_ceil(size).max(1);
    if last == 1 {
        return answer;
    }
    let base = format!("{}/repositories/{repository}/{path}", request.bases.api);
    let kept: String = request
        .query
        .iter()
        .filter(|(name, _)| name != "page" && name != "per_page")
        .map(|(name, value)| format!("{}={}&", escape(name), escape(value)))
        .collect();
    let link = |page: usize, relation: &str| {
        format!("<{base}?{kept}per_page={size}&page={page}>; rel=\"{relation}\"")
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
        links.push(link(last, "last"));
    }
    if page > 1 {
        links.push(link(1, "first"));
    }
    answer.header("Link", links.join(", "))
}

/// Returns the page that is asked for, counted from 1, and its size: 30 by default.
pub(crate) fn wanted(request: &Request, largest: usize) -> (usize, usize) {
    let number = |name| request.parameter(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).clamp(1, 100).min(largest.max(1));
    (number("page").unwrap_or(1).max(1), size)
}

/// Escapes a value for a query or a part of a path.
pub(crate) fn escape(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

/// Escapes a tag or a path for a url, keeping its slashes.
pub(crate) fn escape_path(text: &str) -> String {
    text.split('/').map(escape).collect::<Vec<_>>().join("/")
}
