//! Finds canary tokens in bytes that pass by, in every form a program is likely to write one.
//! Pure but for counting; knows nothing of files, processes or what a canary opens.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What is looked for: each canary in all its forms.
pub(super) struct Canaries {
    machine: AhoCorasick,
    /// The form behind each pattern of the machine.
    forms: Vec<&'static str>,
    longest: usize,
}

/// A canary seen at a byte offset of whatever was searched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) offset: u64,
    /// How it was written: `plain`, `base64`, `percent-encoded`, `JSON-escaped`, `hex`.
    pub(super) form: &'static str,
}

/// One stream being searched; matches are found across the borders of its pieces.
pub(super) struct Search<'a> {
    canaries: &'a Canaries,
    /// The end of what was seen, one byte shorter than the longest pattern.
    tail: Vec<u8>,
    /// The offset of the first byte of `tail`.
    start: u64,
}

impl Canaries {
    /// Prepares the search for `tokens`.
    pub(super) fn new<'t>(tokens: impl IntoIterator<Item = &'t str>) -> Result<Self> {
        let mut patterns = Vec::new();
        let mut forms = Vec::new();
        let mut known = BTreeSet::new();
        for token in tokens.into_iter().filter(|token| !token.is_empty()) {
            for (form, pattern) in written(token) {
                if known.insert(pattern.clone()) {
                    patterns.push(pattern);
                    forms.push(form);
                }
            }
        }
        let longest = patterns.iter().map(String::len).max().unwrap_or_default();
        // Of two forms that begin at one place the longer one is the better description.
        let machine = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .context("failed to prepare the search for canary tokens")?;
        Ok(Self { machine, forms, longest })
    }

    /// Begins to search a stream.
    pub(super) fn search(&self) -> Search<'_> {
        Search { canaries: self, tail: Vec::new(), start: 0 }
    }

    /// Searches bytes that are all there.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<Hit> {
        self.search().feed(bytes)
    }
}

impl Search<'_> {
    /// Searches the next piece and returns what became visible with it.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Vec<Hit> {
        let seen = self.tail.len();
        self.tail.extend_from_slice(piece);
        let hits = self
            .canaries
            .machine
            .find_iter(&self.tail)
            // What ends inside the old tail was reported with the piece before.
            .filter(|found| found.end() > seen)
            .map(|found| Hit {
                offset: self.start + found.start() as u64,
                form: self.canaries.forms[found.pattern().as_usize()],
            })
            .collect();
        let done = self.tail.len().saturating_sub(self.canaries.longest.saturating_sub(1));
        self.tail.drain(..done);
        self.start += done as u64;
        hits
    }
}

/// Lists the forms of one token.
fn written(token: &str) -> Vec<(&'static str, String)> {
    let bytes = token.as_bytes();
    let mut list = vec![("plain", token.to_owned())];
    for before in 0..3 {
        list.push(("base64", inside_base64(bytes, before, &STANDARD_NO_PAD)));
        list.push(("base64", inside_base64(bytes, before, &URL_SAFE_NO_PAD)));
    }
    let special = |byte: &u8| !byte.is_ascii_alphanumeric();
    list.push(("percent-encoded", percent(bytes, special, true)));
    list.push(("percent-encoded", percent(bytes, special, false)));
    list.push(("percent-encoded", percent(bytes, |_| true, true)));
    list.push(("percent-encoded", percent(bytes, |_| true, false)));
    let json = serde_json::Value::from(token).to_string();
    list.push(("JSON-escaped", json[1..json.len() - 1].to_owned()));
    list.push(("JSON-escaped", json[1..json.len() - 1].replace('/', "\\/")));
    list.push((
        "JSON-escaped",
        token.encode_utf16().fold(String::new(), |mut text, unit| {
            let _ = write!(text, "\\u{unit:04x}");
            text
        }),
    ));
    list.push(("hex", percent(bytes, |_| true, false).replace('%', "")));
    list.push(("hex", percent(bytes, |_| true, true).replace('%', "")));
    list
}

/// Encodes `bytes` as they appear in the base64 of a longer text in which `before` bytes (modulo
/// 3) precede them, without the characters that their neighbours have a part in.
fn inside_base64(bytes: &[u8], before: usize, alphabet: &impl Engine) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let text = alphabet.encode(&padded);
    let (from, to) = ((8 * before).div_ceil(6), 8 * padded.len() / 6);
    text[from..to].to_owned()
}

fn percent(bytes: &[u8], encoded: impl Fn(&u8) -> bool, upper: bool) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = match (encoded(byte), upper) {
            (false, _) => write!(text, "{}", char::from(*byte)),
            (true, true) => write!(text, "%{byte:02X}"),
            (true, false) => write!(text, "%{byte:02x}"),
        };
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_Canary/0123456789+abcdef=";

    #[track_caller]
    fn check(text: &str, form: &'static str) {
        let canaries = Canaries::new([TOKEN]).unwrap();
        let whole = canaries.find(text.as_bytes());
        assert_eq!(whole.iter().map(|hit| hit.form).collect::<Vec<_>>(), [form], "{text}");
        for size in [1, 2, 7] {
            let mut search = canaries.search();
            let pieces: Vec<_> =
                text.as_bytes().chunks(size).flat_map(|piece| search.feed(piece)).collect();
            // In pieces a shorter pattern may be seen first, never fewer and never another place.
            assert!(!pieces.is_empty(), "{text} in pieces of {size}");
            assert!(pieces.iter().all(|hit| hit.offset == whole[0].offset), "{pieces:?} {whole:?}");
        }
    }

    #[test]
    fn every_form_is_found_whole_and_in_pieces() {
        check(&format!("token={TOKEN};"), "plain");
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "z", "zz"] {
                let text = format!("{before}{TOKEN}{after}");
                check(&STANDARD_NO_PAD.encode(&text), "base64");
                check(&URL_SAFE_NO_PAD.encode(&text), "base64");
            }
        }
        check("?t=ghp%5FCanary%2F0123456789%2Babcdef%3D&", "percent-encoded");
        check("?t=ghp%5fCanary%2f0123456789%2babcdef%3d&", "percent-encoded");
        check("{\"t\":\"ghp_Canary\\/0123456789+abcdef=\"}", "JSON-escaped");
        let hex: String =
            TOKEN.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        check(&hex, "hex");
    }

    #[test]
    fn what_is_no_canary_is_not_found() {
        let canaries = Canaries::new([TOKEN]).unwrap();
        let almost = &TOKEN[..TOKEN.len() - 1];
        assert_eq!(canaries.find(format!("{almost} {almost}").as_bytes()), []);
        assert_eq!(canaries.find(TOKEN.to_uppercase().as_bytes()), []);
        assert_eq!(Canaries::new([""]).unwrap().find(b"anything"), []);
    }

    #[test]
    fn the_offset_counts_from_the_begin_of_the_stream_and_each_is_told_once() {
        let canaries = Canaries::new([TOKEN]).unwrap();
        let mut search = canaries.search();
        let mut hits = search.feed(&vec![b'x'; 100_000]);
        hits.extend(search.feed(&TOKEN.as_bytes()[..5]));
        hits.extend(search.feed(&TOKEN.as_bytes()[5..]));
        hits.extend(search.feed(b"tail"));
        hits.extend(search.feed(TOKEN.as_bytes()));
        let offsets: Vec<_> = hits.iter().map(|hit| hit.offset).collect();
        assert_eq!(offsets, [100_000, 100_004 + TOKEN.len() as u64]);
    }
}
