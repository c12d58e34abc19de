//! Text of strangers in GitHub's Markdown: shown as it is, doing nothing.
//! Knows nothing of what the text says; whoever wrote it may have meant to be read as markup.

use std::fmt::Write as _;

use super::literal::is_direction_mark;

/// Makes text for one line, list item, table cell or link text.
///
/// No markup, link, image, HTML or comment survives, and no `@name` notifies anybody: GitHub looks for
/// mentions after Markdown is done, so that only a code span keeps them from it. Line ends and invisible
/// characters become spaces.
pub fn markdown_text(text: &str) -> String {
    escape(&one_line(text), false)
}

/// Makes text as [`markdown_text`], but keeps the code spans that its author wrote with single backticks,
/// as people do in commit messages.
pub fn markdown_prose(text: &str) -> String {
    escape(&one_line(text), true)
}

/// Makes a code span, which shows any text as it is; an empty text gives an empty string.
pub fn markdown_code(text: &str) -> String {
    code(&one_line(text))
}

/// Makes finished Markdown fit a table cell, which a `|` would end even inside a code span.
pub fn markdown_cell(markdown: &str) -> String {
    let mut cell = String::new();
    for c in markdown.chars() {
        if c == '|' && !cell.ends_with('\\') {
            cell.push('\\');
        }
        cell.push(c);
    }
    cell
}

/// Makes a fenced block of the given lines, each ended by a newline.
pub fn markdown_block(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| without_comments(&visible(line))).collect();
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let fence = "`".repeat(usize::max(3, longest + 1));
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// Makes a link around `text`, which is Markdown already. An address that is not http or https is left out.
pub fn markdown_link(text: &str, address: &str) -> String {
    let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    if !web {
        return text.to_owned();
    }
    let mut destination = String::new();
    for byte in address.bytes() {
        match byte {
            // What RFC 3986 allows in an address, but for the parentheses and quotes that end one in Markdown.
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => destination.push(char::from(byte)),
            _ if b"-._~:/?#@!$&*+,;=%".contains(&byte) => destination.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(destination, "%{byte:02X}")),
        }
    }
    format!("[{text}]({})", destination.replace('_', "%5F").replace('*', "%2A"))
}

fn escape(text: &str, keep_code: bool) -> String {
    let mut escaped = String::new();
    let mut previous = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let span = match c {
            '`' if keep_code && previous != Some('`') => own_code(rest),
            // `a@b.c` is an address, not a mention.
            '@' if !previous.is_some_and(char::is_alphanumeric) => mention(rest),
            _ => None,
        };
        let (taken, after) = rest.split_at(span.map_or(c.len_utf8(), |(_, length)| length));
        if let Some((shown, _)) = span {
            escaped.push_str(&code(shown));
        } else {
            push(&mut escaped, c, previous, after);
        }
        previous = taken.chars().next_back();
        rest = after;
    }
    escape_start(&escaped)
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = without_comments(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    // A span may neither begin nor end with a backtick of its own; one space on each side is taken off again.
    let padding = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// Adds one character; `previous` and `after` stand beside it in the text.
fn push(escaped: &mut String, c: char, previous: Option<char>, after: &str) {
    match c {
        '&' => escaped.push_str("&amp;"),
        '<' => escaped.push_str("&lt;"),
        '>' => escaped.push_str("&gt;"),
        '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' => escaped.extend(['\\', c]),
        // Inside a word it is no markup, and names look better without a backslash.
        '_' => {
            let in_word = previous.is_some_and(char::is_alphanumeric)
                && after.starts_with(char::is_alphanumeric);
            escaped.push_str(if in_word { "_" } else { "\\_" });
        }
        c => escaped.push(c),
    }
}

/// Escapes what at the start of a line or list item would be a heading, a list, a rule.
fn escape_start(text: &str) -> String {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (start, rest) = text.split_at(digits);
    let block = if digits == 0 {
        rest.starts_with(['#', '-', '+', '='])
    } else {
        rest.starts_with(['.', ')'])
    };
    if block { format!("{start}\\{rest}") } else { text.to_owned() }
}

/// Returns the mention at the start of `text`, `@name` or `@organisation/team`, and its length in bytes.
fn mention(text: &str) -> Option<(&str, usize)> {
    let name = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let length = 1 + text[1..].find(|c| !name(c)).unwrap_or(text.len() - 1);
    (length > 1).then(|| (&text[..length], length))
}

/// Returns what stands between the backtick at the start of `text` and the next one, and the length with both.
fn own_code(text: &str) -> Option<(&str, usize)> {
    let (inner, after) = text[1..].split_once('`')?;
    let plain = !inner.trim().is_empty() && !after.starts_with('`');
    plain.then(|| (inner, inner.len() + 2))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// Breaks the start of an HTML comment where it cannot be escaped: Landfall knows its own releases by such comments.
fn without_comments(text: &str) -> String {
    text.replace("<!--", "<\u{200b}!--")
}

fn one_line(text: &str) -> String {
    visible(text).trim().to_owned()
}

fn visible(text: &str) -> String {
    // Zero-width characters could hide a name or split a word that somebody searches for.
    let hidden = |c: char| {
        c.is_control()
            || is_direction_mark(c)
            || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if hidden(c) || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(markdown_text(text), expected);
    }

    #[test]
    fn markup_is_shown_and_does_nothing() {
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check("[x](javascript:alert)", "\\[x\\](javascript:alert)");
        check("![x](https://example.com/p.png)", "!\\[x\\](https://example.com/p.png)");
        check(
            "**b** _i_ snake_case ~~s~~ a|b $x$",
            "\\*\\*b\\*\\* \\_i\\_ snake_case \\~\\~s\\~\\~ a\\|b \\$x\\$",
        );
        check("a `b", "a \\`b");
        check("&lt;b&gt;", "&amp;lt;b&amp;gt;");
        check("\\", "\\\\");
        check("<!-- landfall manifest=0 -->", "&lt;!-- landfall manifest=0 --&gt;");
    }

    #[test]
    fn nothing_starts_a_block() {
        check("# heading", "\\# heading");
        check("- item", "\\- item");
        check("1. item", "1\\. item");
        check("12) item", "12\\) item");
        check("1 apple", "1 apple");
        check("    code", "code");
        check("a\n\n# b\u{202e}\u{1b}[31m\u{2028}c", "a  # b  \\[31m c");
    }

    #[test]
    fn mentions_are_code_and_addresses_are_not() {
        check("thanks @everyone, @acme/team!", "thanks `@everyone`, `@acme/team`!");
        check("me@example.com", "me@example.com");
        check("@", "@");
        check("@@a (@b_c)", "@`@a` (`@b_c`)");
    }

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(markdown_code("a"), "`a`");
        assert_eq!(markdown_code("a``b"), "```a``b```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(markdown_code("a|\nb"), "`a| b`");
        assert_eq!(markdown_code(" "), "");
        assert_eq!(
            markdown_cell(&format!("{} {}", markdown_code("a|b"), markdown_text("c|d"))),
            "`a\\|b` c\\|d"
        );
        assert!(!markdown_code("<!-- landfall manifest=0 -->").contains("<!--"));
    }

    #[test]
    fn authors_keep_their_code_spans_in_prose() {
        assert_eq!(markdown_prose("let `a_b <c>` be *d*"), "let `a_b <c>` be \\*d\\*");
        assert_eq!(markdown_prose("`a` and `b"), "`a` and \\`b");
        assert_eq!(markdown_prose("``a`` ` ` `@b`"), "\\`\\`a\\`\\` \\` \\` `@b`");
        assert!(!markdown_prose("`<!-- landfall manifest=0 -->`").contains("<!--"));
    }

    #[test]
    fn blocks_end_where_they_should() {
        let block = markdown_block(&["a  ```".to_owned(), "b\n<!--".to_owned()]);
        assert_eq!(block, "````text\na  ```\nb <\u{200b}!--\n````\n");
    }

    #[test]
    fn links_lead_to_the_web_only() {
        assert_eq!(
            markdown_link("a", "https://x.example/a b(c)_d"),
            "[a](https://x.example/a%20b%28c%29%5Fd)"
        );
        assert_eq!(markdown_link("a", "javascript:alert(1)"), "a");
        assert_eq!(markdown_link("a", "/relative"), "a");
    }
}
