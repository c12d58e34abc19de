//! The renaming of assets that GitHub does on upload (CHANNELS 1.4), step by step in its order.
//! Pure text; knows nothing of releases.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Returns the name that GitHub stores for an asset sent as `name`.
pub(crate) fn stored(name: &str) -> String {
    let mut plain: String = name.nfd().filter(|&c| !is_combining_mark(c)).collect();
    if plain.starts_with('.') {
        plain.insert_str(0, "default");
    }
    let mut result = String::new();
    for c in plain.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '@') {
            result.push(c);
        } else if !result.ends_with('.') {
            result.push('.');
        }
    }
    let result = result.trim_matches('.');
    if result != name && !result.contains('.') {
        return format!("default.{result}");
    }
    result.to_owned()
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[test]
    fn names_are_stored_as_the_table_of_step_1_4_has_them() {
        for (sent, expected) in [
            ("foo bar.zip", "foo.bar.zip"),
            ("façade.exposé", "facade.expose"),
            (".foo", "default.foo"),
            ("a~b:c(d).txt", "a.b.c.d.txt"),
            ("Hello, दुनिया", "default.Hello"),
            ("x+y@1.zip", "x+y@1.zip"),
            ("greet_1.0.0_linux_amd64.tar.gz", "greet_1.0.0_linux_amd64.tar.gz"),
            ("checksums.txt", "checksums.txt"),
            ("plain", "plain"),
        ] {
            assert_eq!(stored(sent), expected, "{sent}");
        }
    }
}
