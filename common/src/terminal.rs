//! Text of others (servers, commit messages, file names) made harmless for a terminal, a log, a message.
//! Knows nothing of secrets: redact first, then make safe.

use std::fmt::Write as _;

/// Returns a text on one line: controls, escape sequences and bidirectional overrides are shown instead of obeyed,
/// line ends become spaces, and at most `limit` characters are kept, the rest is told as `… (N more bytes)`.
pub fn safe_line(text: &str, limit: usize) -> String {
    let joined =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    bounded(&joined.replace('\t', " "), limit)
}

/// Returns a text with its lines and tabs kept and everything else as in [`safe_line`]; `\r\n` becomes `\n`.
pub fn safe_text(text: &str, limit: usize) -> String {
    bounded(&text.replace("\r\n", "\n"), limit)
}

fn bounded(text: &str, limit: usize) -> String {
    let mut safe = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    for (count, (at, character)) in text.char_indices().enumerate() {
        if count == limit {
            let _ = write!(safe, "… ({} more bytes)", text.len() - at);
            break;
        }
        if is_harmful(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Tells what a terminal obeys or a reader cannot see: C0, DEL, C1, bidirectional marks and overrides, line and
/// paragraph separators, invisible joiners that hide text, and the tag block.
fn is_harmful(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}'
            | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(safe_text(text, 1000), expected);
    }

    #[test]
    fn escapes_are_shown_and_not_obeyed() {
        check("\x1b[31mred\x1b[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("\x1b]8;;http://x\x07link", "\\u{1b}]8;;http://x\\u{7}link");
        check("a\rb\x08c\u{9b}1m", "a\\rb\\u{8}c\\u{9b}1m");
        check("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe");
        check("two\r\nlines\tkept\n", "two\nlines\tkept\n");
        check("naïve — 東京 👩‍💻", "naïve — 東京 👩‍💻");
    }

    #[test]
    fn lines_are_joined_in_a_line() {
        assert_eq!(safe_line("  one\r\n\n two\tthree \n", 100), "one two three");
    }

    #[test]
    fn long_text_is_cut_at_a_character_and_says_what_is_missing() {
        assert_eq!(safe_text("äöüß", 2), "äö… (4 more bytes)");
        assert_eq!(safe_line("abc", 3), "abc");
        assert_eq!(safe_line("abc", 0), "… (3 more bytes)");
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left_whatever_comes_in(text in any::<String>(), limit in 0usize..200) {
            prop_assert!(!safe_line(&text, limit).contains(|c: char| is_harmful(c) || c == '\n' || c == '\t'));
            prop_assert!(!safe_text(&text, limit).contains(is_harmful));
        }
    }
}
