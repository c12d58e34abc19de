//! The lines of `checksums.txt`, in the form coreutils' `sha256sum` writes and checks.
//! Knows names and digests only, not where the files are.
//!
//! `<hex>  <name>`; `<hex> *<name>` where it was made in binary mode; `SHA256 (<name>) = <hex>` from BSD.
//! A name with a backslash, line feed or carriage return has these escaped, and the line then begins with `\`.

use anyhow::bail;

use super::Algorithm;

/// One line: which digest a file of this name should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file's name, as it is on disk.
    pub name: String,
    /// Which digest it is.
    pub algorithm: Algorithm,
    /// The digest, in lower-case hexadecimal.
    pub digest: String,
}

/// Writes one line with its line feed.
pub fn write(digest: &str, name: &str) -> String {
    if name.contains(['\\', '\n', '\r']) {
        let escaped = name.replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r");
        format!("\\{digest}  {escaped}\n")
    } else {
        format!("{digest}  {name}\n")
    }
}

/// Reads a whole file of lines; empty lines and lines that begin with `#` are skipped, as coreutils does.
///
/// Fails at the first line that is none, naming its number.
pub fn read(text: &str) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (index, raw) in text.split('\n').enumerate() {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        if raw.is_empty() || raw.starts_with('#') {
            continue;
        }
        match one(raw) {
            Some(line) => lines.push(line),
            None => bail!("line {} is not `<digest>  <name>`", index + 1),
        }
    }
    Ok(lines)
}

fn one(raw: &str) -> Option<Line> {
    let (escaped, rest) = match raw.strip_prefix('\\') {
        Some(rest) => (true, rest),
        None => (false, raw),
    };
    let (name, digest, algorithm) = tagged(rest).or_else(|| plain(rest))?;
    let name = if escaped { unescape(name)? } else { name.to_owned() };
    (!name.is_empty()).then(|| Line { name, algorithm, digest: digest.to_ascii_lowercase() })
}

fn plain(rest: &str) -> Option<(&str, &str, Algorithm)> {
    let (digest, rest) = rest.split_once(' ')?;
    let name = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('*'))?;
    Some((name, digest, Algorithm::of_hex(digest)?))
}

fn tagged(rest: &str) -> Option<(&str, &str, Algorithm)> {
    let (algorithm, rest) = match rest.strip_prefix("SHA256 (") {
        Some(rest) => (Algorithm::Sha256, rest),
        None => (Algorithm::Sha512, rest.strip_prefix("SHA512 (")?),
    };
    // A name may hold `) = ` itself: the digest is what follows the last one.
    let (name, digest) = rest.rsplit_once(") = ")?;
    (Algorithm::of_hex(digest) == Some(algorithm)).then_some((name, digest, algorithm))
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[track_caller]
    fn check(raw: &str, name: &str) {
        let expected =
            Line { name: name.to_owned(), algorithm: Algorithm::Sha256, digest: HEX.to_owned() };
        assert_eq!(read(raw).expect("lines"), [expected], "{raw:?}");
    }

    #[test]
    fn every_form_that_sha256sum_checks_is_read() {
        check(&format!("{HEX}  a b.txt\n"), "a b.txt");
        check(&format!("{HEX} *a.txt\r\n"), "a.txt");
        check(&format!("{}  upper.txt", HEX.to_uppercase()), "upper.txt");
        check(&format!("# made by hand\n\n{HEX}   leading space"), " leading space");
        check(&format!("\\{HEX}  a\\\\b\\nc"), "a\\b\nc");
        check(&format!("SHA256 (a) = b.txt) = {HEX}\n"), "a) = b.txt");
        check(&format!("\\SHA256 (a\\\\b) = {HEX}\n"), "a\\b");
    }

    #[test]
    fn what_is_no_line_is_named_by_its_number() {
        let long = HEX.repeat(2);
        for bad in [
            "no digest at all".to_owned(),
            format!("{HEX} name"),
            format!("{HEX}  "),
            HEX.to_owned(),
            format!("{}  name", &HEX[1..]),
            format!("\\{HEX}  a\\tb"),
            format!("\\{HEX}  a\\"),
            format!("SHA512 (a) = {HEX}"),
            format!("SHA256 (a) = {long}"),
        ] {
            let error = read(&format!("{HEX}  good\n{bad}\n")).expect_err(&bad);
            assert_eq!(error.to_string(), "line 2 is not `<digest>  <name>`", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_written_line_is_read_as_it_was(name in "[^\0]{1,40}") {
            let line = write(HEX, &name);
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert_eq!(&read(&line).expect("a line")[0].name, &name);
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
