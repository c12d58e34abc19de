//! One function per format that makes any text a value there, and nothing but a value.
//! Knows no template; Markdown, being prose and no literal, has its own file.

/// Makes a double-quoted Ruby string, quotes included.
///
/// `"`, `\` and the three ways into interpolation (`#{`, `#$`, `#@`) are escaped, and so is every
/// character that cannot be seen.
pub fn ruby_string(text: &str) -> String {
    let mut literal = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '#' if matches!(rest.peek(), Some('{' | '$' | '@')) => literal.push_str("\\#"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '\r' => literal.push_str("\\r"),
            c if c.is_control() || is_direction_mark(c) => literal.extend(c.escape_unicode()),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Makes a JSON string, quotes included.
pub fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Makes the text of an XML element.
///
/// What XML 1.0 cannot hold at all (most control characters) becomes U+FFFD.
pub fn xml_text(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // Else `]]>` in a text is an error.
            '>' => escaped.push_str("&gt;"),
            // A parser would turn it into a newline.
            '\r' => escaped.push_str("&#13;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Makes the value of an XML attribute, without the quotes around it; either kind will do.
pub fn xml_attribute(text: &str) -> String {
    let mut escaped = String::new();
    for c in xml_text(text).chars() {
        match c {
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A parser would turn them into spaces.
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Makes a single-quoted PowerShell string, quotes included, in which nothing is expanded.
///
/// PowerShell takes the typographic quotes U+2018 to U+201B for `'`, so they are doubled too. There is
/// no escape for control characters; but for tab and line ends they become U+FFFD.
pub fn powershell_string(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\u{2018}'..='\u{201b}' => literal.extend([c, c]),
            '\n' | '\r' | '\t' => literal.push(c),
            c if c.is_control() => literal.push('\u{fffd}'),
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

/// Makes the message of a GitHub workflow command (`::error::MESSAGE`), so that no second command can follow.
pub fn workflow_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Makes the value of a property of a GitHub workflow command (`::error title=VALUE::`).
pub fn workflow_property(text: &str) -> String {
    workflow_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Tells the invisible characters that change the direction of text, and so what a reviewer sees.
pub(super) fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that has hurt a release tool so far, in one line and a half.
    const NASTY: &str = "a\"b'c&d#{e}#$f#@g#h\\i$(j)`k`\nl]]>m<n>\u{7}\u{202e}\u{2019}%::o,p";

    #[test]
    fn ruby_strings_interpolate_nothing() {
        let expected = r#""a\"b'c&d\#{e}\#$f\#@g#h\\i$(j)`k`\nl]]>m<n>\u{7}\u{202e}’%::o,p""#;
        assert_eq!(ruby_string(NASTY), expected);
        assert_eq!(ruby_string(""), "\"\"");
        assert_eq!(ruby_string("C#"), "\"C#\"");
    }

    #[test]
    fn json_strings_read_back() {
        assert_eq!(serde_json::from_str::<String>(&json_string(NASTY)).expect("JSON"), NASTY);
        assert_eq!(json_string("a\"\n"), r#""a\"\n""#);
    }

    #[test]
    fn xml_holds_no_markup_of_the_value() {
        let expected =
            "a\"b'c&amp;d#{e}#$f#@g#h\\i$(j)`k`\nl]]&gt;m&lt;n&gt;\u{fffd}\u{202e}\u{2019}%::o,p";
        assert_eq!(xml_text(NASTY), expected);
        assert_eq!(xml_attribute("\"a'\n\t\r<\u{0}"), "&quot;a&#39;&#10;&#9;&#13;&lt;\u{fffd}");
    }

    #[test]
    fn powershell_strings_expand_nothing_and_end_once() {
        let expected =
            "'a\"b''c&d#{e}#$f#@g#h\\i$(j)`k`\nl]]>m<n>\u{fffd}\u{202e}\u{2019}\u{2019}%::o,p'";
        assert_eq!(powershell_string(NASTY), expected);
    }

    #[test]
    fn workflow_commands_stay_one_line() {
        assert_eq!(workflow_message("100%\nx: y, z"), "100%25%0Ax: y, z");
        assert_eq!(workflow_property("100%\nx: y, z"), "100%25%0Ax%3A y%2C z");
        assert_eq!(workflow_message("a\r\n::error::b"), "a%0D%0A::error::b");
    }
}
