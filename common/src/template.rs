//! Filling in templates, and the escapes that make a value safe in the format it goes into.
//! Knows no format's meaning: values arrive as finished literals, and JSON never goes through a template.

mod literal;
mod markdown;

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use serde_json::Value;
use tinytemplate::TinyTemplate;
use tinytemplate::error::Error;

pub use literal::{
    json_string, powershell_string, ruby_string, workflow_message, workflow_property,
    xml_attribute, xml_text,
};
pub use markdown::{
    markdown_block, markdown_cell, markdown_code, markdown_link, markdown_prose, markdown_text,
};

/// Fills the placeholders `{name}` of a template from the fields of `values`, which must be strings or numbers.
///
/// A brace that is meant as one is written `\{`. Nothing is escaped here. Anything else that the
/// engine underneath would understand is an error, above all `#{name}` and `{{name}}`: one loses its
/// braces without a word, the other is a block.
pub fn render(template: &str, values: &impl Serialize) -> Result<String> {
    check(template)?;
    let mut engine = TinyTemplate::new();
    engine.set_default_formatter(&plain);
    engine.add_template("", template).map_err(described).context("failed to read the template")?;
    engine.render("", values).map_err(described).context("failed to fill in the template")
}

/// Prints a value as it is. The engine's own default would turn `"` into `&quot;`, and an absent value into nothing.
fn plain(value: &Value, output: &mut String) -> Result<(), Error> {
    match value {
        Value::String(text) => output.push_str(text),
        Value::Number(number) => output.push_str(&number.to_string()),
        _ => {
            return Err(Error::GenericError {
                msg: format!("`{value}` is neither a string nor a number"),
            });
        }
    }
    Ok(())
}

/// The engine's errors quote the line; only their text is kept, because they are no `Send + Sync` errors for certain.
#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn described(error: Error) -> anyhow::Error {
    anyhow!("{}", error.to_string().replace('\n', " "))
}

fn check(template: &str) -> Result<()> {
    for (number, line) in (1..).zip(template.split('\n')) {
        check_line(line).with_context(|| format!("invalid template, line {number}"))?;
    }
    // The engine panics on it.
    if template.ends_with('\\') {
        bail!("invalid template: it ends with a backslash");
    }
    Ok(())
}

fn check_line(line: &str) -> Result<()> {
    for (at, _) in line.match_indices('{') {
        let (before, after) = (&line[..at], &line[at + 1..]);
        if after.starts_with('{') {
            bail!("`{{{{` would open a block: placeholders have one brace, `{{name}}`");
        }
        if before.ends_with('\\') {
            continue;
        }
        if before.ends_with('#') {
            bail!(
                "`#{{` would lose its brace: write `#\\{{` for Ruby's own, `{{name}}` for a value"
            );
        }
        let name = after.split_once('}').map(|(name, _)| name);
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if !name.is_some_and(is_name) {
            bail!("`{{` opens no placeholder such as `{{name}}`: write `\\{{` for a brace");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_arrive_unchanged() {
        let nasty = "\" ' & <b> #{x} \\ $(id) ` \n ]]> {version} \u{7}";
        assert_eq!(
            render("<{value}>", &json!({"value": nasty})).expect("filled"),
            format!("<{nasty}>")
        );
        assert_eq!(render("{a_1}{b}", &json!({"a_1": "x", "b": 7})).expect("filled"), "x7");
    }

    #[test]
    fn braces_of_the_format_itself_are_escaped() {
        let template = "bin.install \"#\\{bin}/{name}\"\n$a = @\\{ b = {value} }";
        let text = render(template, &json!({"name": "greet", "value": "'x'"})).expect("filled");
        assert_eq!(text, "bin.install \"#{bin}/greet\"\n$a = @{ b = 'x' }");
    }

    #[test]
    fn everything_but_a_plain_placeholder_is_an_error() {
        let values = json!({"version": "1", "list": [1], "absent": null});
        for template in [
            "#{version}",
            "{{version}}",
            "\\{{version}",
            "{# comment #}",
            "{version | unescaped}",
            "{ version }",
            "{-version}",
            "{version",
            "{}",
            "{@root}",
            "{list.0}",
            "{missing}",
            "{list}",
            "{absent}",
            "C:\\",
        ] {
            let error = render(template, &values).expect_err(template);
            assert!(error.to_string().contains("template"), "{error:#}");
        }
        let error = render("a\n#{version}", &values).expect_err("Ruby's braces");
        assert_eq!(
            format!("{error:#}"),
            "invalid template, line 2: `#{` would lose its brace: write `#\\{` for Ruby's own, `{name}` for a value"
        );
    }
}
