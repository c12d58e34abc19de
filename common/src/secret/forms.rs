//! The forms a secret takes on its way out of a process: encoded, escaped, split in lines.
//! Pure; knows nothing of who looks for them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::SHORTEST;

/// RFC 3986: everything but the unreserved characters.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What JavaScript's `encodeURIComponent` leaves alone besides.
const COMPONENT: &AsciiSet =
    &STRICT.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
/// The path set of the WHATWG URL standard, the most lenient in use.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Returns every form of a secret worth looking for, without duplicates; none for a very short one.
pub(super) fn of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let lines = secret.lines().map(str::trim).filter(|line| !is_boundary(line));
    for value in std::iter::once(secret).chain(lines) {
        if value.len() >= SHORTEST {
            add(value, &mut found);
        }
    }
    found.retain(|form| form.len() >= SHORTEST);
    found
}

/// Tells the `-----BEGIN ...-----` lines of PEM, which are no secret.
fn is_boundary(line: &str) -> bool {
    line.starts_with("-----")
}

fn add(value: &str, found: &mut BTreeSet<Vec<u8>>) {
    let mut push = |text: String| found.insert(text.into_bytes());
    push(value.to_owned());

    push(STANDARD.encode(value));
    push(STANDARD_NO_PAD.encode(value));
    push(URL_SAFE.encode(value));
    push(URL_SAFE_NO_PAD.encode(value));
    for offset in 0..3 {
        push(inside_base64(value, offset, &STANDARD_NO_PAD));
        push(inside_base64(value, offset, &URL_SAFE_NO_PAD));
    }

    for set in [STRICT, COMPONENT, PATH] {
        let upper = utf8_percent_encode(value, set).to_string();
        for form in [upper.replace("%20", "+"), upper] {
            push(lower_escapes(&form));
            push(form);
        }
    }

    if let Ok(quoted) = serde_json::to_string(value) {
        let inner = quoted[1..quoted.len() - 1].to_owned();
        push(inner.replace('/', "\\/"));
        push(inner);
    }
    push(ascii_json(value));
}

/// Returns the characters that depend on nothing but the value when it is encoded behind `offset` other bytes,
/// as a token is behind `user:` in basic authentication.
fn inside_base64(value: &str, offset: usize, engine: &impl base64::Engine) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(value.as_bytes());
    let first = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    engine.encode(&bytes)[first..end].to_owned()
}

fn lower_escapes(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len());
    let mut left = 0;
    for character in text.chars() {
        if character == '%' {
            left = 3;
        }
        lowered.push(if left > 0 { character.to_ascii_lowercase() } else { character });
        left = std::cmp::max(left, 1) - 1;
    }
    lowered
}

/// JSON as Go and Python write it: everything beyond ASCII, and Go's `<`, `>`, `&`, as `\uXXXX`.
fn ascii_json(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            ' '..='~' if !matches!(character, '<' | '>' | '&') => escaped.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_has(secret: &str, form: &str) {
        assert!(of(secret).contains(form.as_bytes()), "no form {form:?} of {secret:?}");
    }

    #[test]
    fn percent_encoding_has_both_cases() {
        check_has("pa ss/wörd", "pa%20ss%2Fw%C3%B6rd");
        check_has("pa ss/wörd", "pa%20ss%2fw%c3%b6rd");
        check_has("pa ss/wörd", "pa+ss%2Fw%C3%B6rd");
        check_has("pa ss/wörd", "pa%20ss/w%C3%B6rd");
    }

    #[test]
    fn json_escapes_are_known() {
        check_has("a\"b\\c/d<é", "a\\\"b\\\\c/d<é");
        check_has("a\"b\\c/d<é", "a\\\"b\\\\c\\/d<é");
        check_has("a\"b\\c/d<é", "a\\\"b\\\\c/d\\u003c\\u00e9");
    }

    #[test]
    fn base64_behind_any_prefix_contains_a_form() {
        let secret = "s3cr3t-t0ken";
        let forms = of(secret);
        for prefix in ["", "u", "us", "usr", "user:"] {
            for suffix in ["", "x", "xy", "\n"] {
                let encoded = STANDARD.encode(format!("{prefix}{secret}{suffix}"));
                let found = forms
                    .iter()
                    .filter(|form| form.len() > 10)
                    .any(|form| encoded.contains(std::str::from_utf8(form).unwrap()));
                assert!(found, "{prefix:?} {suffix:?}: {encoded}");
            }
        }
    }

    #[test]
    fn lines_of_a_key_are_forms_but_not_its_boundaries() {
        let key = "-----BEGIN KEY-----\nMIIEowIBAAK\nCAQEAx7\n-----END KEY-----\n";
        check_has(key, "MIIEowIBAAK");
        check_has(key, "CAQEAx7");
        assert!(!of(key).contains("-----BEGIN KEY-----".as_bytes()));
    }

    #[test]
    fn very_short_values_have_no_form() {
        assert!(of("abc").is_empty());
        assert!(of("").is_empty());
    }
}
