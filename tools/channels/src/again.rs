//! The command that goes on where this one stopped: the same one.

/// Returns the command line that asks the same again.
pub(crate) fn command() -> String {
    let words = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
    ["channels".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// Writes a word so that a shell reads it as one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("v1.0.0"), "v1.0.0");
        assert_eq!(quoted("it's bad; rm"), r"'it'\''s bad; rm'");
        assert_eq!(quoted(""), "''");
    }
}
