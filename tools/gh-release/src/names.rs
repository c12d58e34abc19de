//! What GitHub makes of an asset's name. Source: CHANNELS 1.4, "Renaming". Pure.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Returns the name under which GitHub stores an asset: the same, unless it would rename it.
pub(crate) fn stored(name: &str) -> String {
    let mut plain: String = name.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
    if plain.starts_with('.') {
        plain.insert_str(0, "default");
    }
    let mut stored = String::with_capacity(plain.len());
    for letter in plain.chars() {
        if letter.is_ascii_alphanumeric() || "-_+@".contains(letter) {
            stored.push(letter);
        } else if !stored.ends_with('.') {
            stored.push('.');
        }
    }
    let trimmed = stored.trim_matches('.');
    if trimmed != name && !trimmed.contains('.') {
        return format!("default.{trimmed}");
    }
    trimmed.to_owned()
}

/// Returns the content type that goes with a name, as `gh` sends it.
pub(crate) fn content_type(name: &str) -> &'static str {
    const TYPES: [(&str, &str); 13] = [
        (".zip", "application/zip"),
        (".whl", "application/zip"),
        (".tar.gz", "application/x-gtar"),
        (".tgz", "application/x-gtar"),
        (".dmg", "application/x-apple-diskimage"),
        (".deb", "application/x-debian-package"),
        (".rpm", "application/x-rpm"),
        (".js", "application/javascript"),
        (".json", "application/json"),
        (".txt", "text/plain; charset=utf-8"),
        (".md", "text/markdown; charset=utf-8"),
        (".xz", "application/x-xz"),
        (".zst", "application/zstd"),
    ];
    let known = TYPES.iter().find(|(ending, _)| name.ends_with(ending));
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_as_github_changes_them() {
        for (sent, expected) in [
            ("foo bar.zip", "foo.bar.zip"),
            ("façade.exposé", "facade.expose"),
            (".foo", "default.foo"),
            ("a~b:c(d).txt", "a.b.c.d.txt"),
            ("Hello, दुनिया", "default.Hello"),
            ("x+y@1.zip", "x+y@1.zip"),
            ("greet_1.0.0_linux_amd64.tar.gz", "greet_1.0.0_linux_amd64.tar.gz"),
            ("checksums.txt", "checksums.txt"),
            ("LICENSE", "LICENSE"),
        ] {
            assert_eq!(stored(sent), expected, "{sent}");
        }
    }
}
