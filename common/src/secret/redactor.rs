//! The process-wide list of secrets, and what keeps them out of text and streams.
//! Knows only bytes: neither where secrets come from nor where text goes.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use aho_corasick::AhoCorasick;

use super::{STARS, forms};

/// What a writer holds back at most, so that a pathological secret (`aaaaaa` in a river of `a`) costs no memory.
const MOST_HELD: usize = 64 * 1024;

static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(|| RwLock::new(Known::default()));

#[derive(Default)]
struct Known {
    forms: BTreeSet<Vec<u8>>,
    search: Option<Arc<Search>>,
}

/// Adds a secret in all its forms; known ones cost nothing.
pub(super) fn register(secret: &str) {
    let new = forms::of(secret);
    if known(|known| new.is_subset(&known.forms)) {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.forms.extend(new);
    known.search = Some(Arc::new(Search::new(known.forms.iter().cloned().collect())));
}

fn known<T>(look: impl FnOnce(&Known) -> T) -> T {
    look(&KNOWN.read().unwrap_or_else(PoisonError::into_inner))
}

fn search() -> Option<Arc<Search>> {
    known(|known| known.search.clone())
}

/// Replaces every registered secret in a text by `***`.
pub fn redact(text: &str) -> String {
    let Some(search) = search() else { return text.to_owned() };
    let mut clean = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in search.covered(text.as_bytes()) {
        clean.extend_from_slice(&text.as_bytes()[at..range.start]);
        clean.extend_from_slice(STARS.as_bytes());
        at = range.end;
    }
    clean.extend_from_slice(&text.as_bytes()[at..]);
    // A base64 form is ASCII and the others are whole strings, so boundaries hold; lossy costs nothing.
    String::from_utf8_lossy(&clean).into_owned()
}

struct Search {
    automaton: AhoCorasick,
    forms: Vec<Vec<u8>>,
}

impl Search {
    fn new(forms: Vec<Vec<u8>>) -> Self {
        let automaton = AhoCorasick::new(&forms).expect("a few short patterns fit an automaton");
        Self { automaton, forms }
    }

    /// Returns the merged, ordered ranges that belong to some secret; overlapping secrets become one range.
    fn covered(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> =
            self.automaton.find_overlapping_iter(bytes).map(|hit| hit.range()).collect();
        found.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// Returns where the longest tail begins that more bytes could turn into a secret.
    fn possible_start(&self, bytes: &[u8]) -> usize {
        let longest = self.forms.iter().map(Vec::len).max().unwrap_or(0);
        let first = bytes.len().saturating_sub(longest.saturating_sub(1));
        (first..bytes.len())
            .find(|&at| {
                let tail = &bytes[at..];
                self.forms.iter().any(|form| form.len() > tail.len() && form.starts_with(tail))
            })
            .unwrap_or(bytes.len())
    }
}

/// A writer that replaces every registered secret by `***`, also one that is split over several writes,
/// and also those registered after it was made.
///
/// Only a tail that could be the beginning of a secret is held back, everything else goes on at once.
/// `flush` keeps holding it (a secret may be split around a flush); [`Redactor::finish`] and dropping pass it on.
pub struct Redactor<W: Write> {
    // An option only so that `finish` can take it out from under `drop`.
    inner: Option<W>,
    held: Vec<u8>,
}

impl<W: Write> Redactor<W> {
    /// Wraps a writer.
    pub fn new(inner: W) -> Self {
        Self { inner: Some(inner), held: Vec::new() }
    }

    /// Passes on what is held back, flushes, and returns the writer inside.
    pub fn finish(mut self) -> io::Result<W> {
        self.pass(true)?;
        let mut inner = self.inner.take().expect("only finish takes the writer");
        inner.flush()?;
        Ok(inner)
    }

    fn pass(&mut self, all: bool) -> io::Result<()> {
        let Some(inner) = self.inner.as_mut() else { return Ok(()) };
        let held = std::mem::take(&mut self.held);
        let Some(search) = search() else { return inner.write_all(&held) };

        let mut keep = if all { held.len() } else { search.possible_start(&held) };
        let mut clean = Vec::with_capacity(held.len());
        let mut at = 0;
        for range in search.covered(&held) {
            if range.end > keep && held.len() <= MOST_HELD {
                // The tail may grow this range: keep all of it, so that one secret becomes one `***`.
                keep = keep.min(range.start);
                break;
            }
            clean.extend_from_slice(&held[at..range.start]);
            clean.extend_from_slice(STARS.as_bytes());
            at = range.end;
        }
        if keep > at {
            clean.extend_from_slice(&held[at..keep]);
            at = keep;
        }
        self.held = held[at..].to_vec();
        inner.write_all(&clean)
    }
}

impl<W: Write> std::fmt::Debug for Redactor<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is held may be half a secret.
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl<W: Write> Write for Redactor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        self.pass(false)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(false)?;
        self.inner.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Drop for Redactor<W> {
    fn drop(&mut self) {
        // Nobody is left to tell of an error; `finish` is there for those who want to know.
        let _ = self.pass(true);
        if let Some(inner) = self.inner.as_mut() {
            let _ = inner.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Secret;
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    fn through(pieces: &[&[u8]]) -> String {
        let mut writer = Redactor::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn every_form_is_replaced_in_text() {
        Secret::new("redact canary/1+x");
        for form in ["redact canary/1+x", "redact%20canary%2F1%2Bx", "redact+canary%2f1%2bx"] {
            assert_eq!(redact(&format!("<{form}>")), "<***>", "{form}");
        }
        assert_eq!(redact("nothing here"), "nothing here");
    }

    #[test]
    fn base64_behind_a_user_name_is_replaced() {
        Secret::new("basic-canary-2");
        for user in ["", "u", "us", "usr"] {
            let shown = redact(&STANDARD.encode(format!("{user}:basic-canary-2")));
            assert!(shown.contains(STARS) && shown.len() < 12, "{shown}");
        }
    }

    #[test]
    fn a_secret_split_at_any_place_is_replaced() {
        Secret::new("split-canary-3");
        let text = b"a split-canary-3 z";
        for cut in 0..text.len() {
            let (left, right) = text.split_at(cut);
            assert_eq!(through(&[left, right]), "a *** z", "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(through(&bytes), "a *** z");
    }

    #[test]
    fn overlapping_secrets_leave_nothing_behind() {
        Secret::new("overlap-4-one");
        Secret::new("4-one-two-more");
        Secret::new("overlap-4-one-two");
        assert_eq!(redact("x overlap-4-one-two-more y"), "x *** y");
        let text = b"x overlap-4-one-two-more y";
        for cut in 0..text.len() {
            let (left, right) = text.split_at(cut);
            assert!(!through(&[left, right]).contains("two"), "cut at {cut}");
        }
    }

    #[test]
    fn secrets_registered_after_the_writer_count_too() {
        let mut writer = Redactor::new(Vec::new());
        writer.write_all(b"before ").unwrap();
        Secret::new("late-canary-5");
        writer.write_all(b"late-canary-5 after").unwrap();
        assert_eq!(writer.finish().unwrap(), b"before *** after");
    }

    #[test]
    fn a_line_goes_on_at_once_and_only_a_possible_beginning_waits() {
        Secret::new("QZ-held-canary-6");
        let mut writer = Redactor::new(Vec::new());
        writer.write_all(b"a line\n").unwrap();
        assert_eq!(writer.inner.as_deref(), Some(&b"a line\n"[..]));
        writer.write_all(b"prompt QZ-he").unwrap();
        writer.flush().unwrap();
        assert_eq!(writer.inner.as_deref(), Some(&b"a line\nprompt "[..]));
        writer.write_all(b"a#").unwrap();
        assert_eq!(writer.inner.as_deref(), Some(&b"a line\nprompt QZ-hea#"[..]));
    }

    #[test]
    fn dropping_passes_the_rest_on() {
        Secret::new("QY-dropped-canary-7");
        let mut out = Vec::new();
        {
            let mut writer = Redactor::new(&mut out);
            writer.write_all(b"end QY-dr").unwrap();
        }
        assert_eq!(out, b"end QY-dr");
    }

    #[test]
    fn a_river_of_one_letter_is_not_held_for_ever() {
        Secret::new("jjjjjjjj");
        let mut writer = Redactor::new(Vec::new());
        for _ in 0..40 {
            writer.write_all(&[b'j'; 4096]).unwrap();
            assert!(writer.held.len() <= MOST_HELD + 4096);
        }
        let out = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert!(out.starts_with(STARS) && !out.contains("jjjjjjjj"), "{}", out.len());
    }
}
