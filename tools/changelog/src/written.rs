//! What a person wrote about a version: its section in a file of the form of Keep a Changelog.
//! Pure; the words are the maintainer's own Markdown and stay as they are, but for HTML comments.

use common::tag::Tag;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag as Element, TagEnd};

/// The file's name at the root of a repository.
pub(crate) const FILE: &str = "CHANGELOG.md";

/// What may stand at the end of a section that was cut.
const CUT: &str = "The rest is in the changelog of the repository.\n";

/// The section of one version, without its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// Paragraphs, lists, headings: what can be left out without breaking what comes before.
    blocks: Vec<String>,
    /// The lines `[label]: address` that the blocks refer to.
    definitions: Vec<String>,
}

/// A block on the top level of a document.
struct Block<'a> {
    source: &'a str,
    heading: Option<(HeadingLevel, String)>,
}

impl Section {
    /// Finds the section of a version; `None` where there is none or nothing is in it.
    pub(crate) fn find(text: &str, tag: &Tag) -> Option<Self> {
        let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
        let mut definitions: Vec<(String, usize, &str)> = parser
            .reference_definitions()
            .iter()
            .map(|(label, definition)| {
                (label.to_lowercase(), definition.span.start, text[definition.span.clone()].trim())
            })
            .collect();
        definitions.sort_by_key(|(_, start, _)| *start);
        let document = blocks(text, parser);
        let is_heading =
            |block: &Block<'_>| block.heading.as_ref().is_some_and(|(_, title)| names(title, tag));
        let start = document.iter().position(is_heading)?;
        let level = document[start].heading.as_ref().map(|(level, _)| *level)?;
        let ends =
            |block: &&Block<'_>| block.heading.as_ref().is_some_and(|(other, _)| *other <= level);
        let blocks: Vec<String> = document[start + 1..]
            .iter()
            .take_while(|block| !ends(block))
            .map(|block| block.source.trim_end().to_owned())
            .filter(|source| !source.is_empty() && !is_comment(source))
            .collect();
        let used = |label: &str| {
            blocks.iter().any(|block| block.to_lowercase().contains(&format!("[{label}]")))
        };
        let definitions = definitions
            .iter()
            .filter(|(label, _, _)| used(label))
            .map(|(_, _, source)| (*source).to_owned())
            .collect();
        // A heading alone says nothing.
        let says_something = blocks.iter().any(|block| !block.starts_with('#'));
        says_something.then_some(Self { blocks, definitions })
    }

    /// Prints the section in at most `limit` characters; what does not fit is left out and said.
    pub(crate) fn print(&self, limit: usize) -> String {
        let definitions = self.definitions.join("\n");
        let tail =
            if definitions.is_empty() { String::new() } else { format!("\n{definitions}\n") };
        let whole = without_comments(&format!("{}\n{tail}", self.blocks.join("\n\n")));
        if whole.chars().count() <= limit {
            return whole;
        }
        let mut room = limit.saturating_sub(CUT.len() + without_comments(&tail).chars().count());
        let mut kept = String::new();
        for block in &self.blocks {
            let block = without_comments(&format!("{block}\n\n"));
            let Some(left) = room.checked_sub(block.chars().count()) else { break };
            room = left;
            kept += &block;
        }
        kept + CUT + &without_comments(&tail)
    }
}

/// Splits a document into the blocks of its top level.
fn blocks<'a>(text: &'a str, parser: Parser<'a>) -> Vec<Block<'a>> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut title = None;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(element) => {
                if depth == 0 {
                    let heading = matches!(element, Element::Heading { .. });
                    title = heading.then(String::new);
                    found.push(Block { source: &text[range], heading: None });
                }
                depth += 1;
            }
            Event::End(end) => {
                depth -= 1;
                if let (0, TagEnd::Heading(level), Some(block)) = (depth, end, found.last_mut()) {
                    block.heading = title.take().map(|title| (level, title));
                }
            }
            Event::Text(part) | Event::Code(part) if depth > 0 => {
                if let Some(title) = &mut title {
                    title.push_str(&part);
                }
            }
            _ if depth == 0 => found.push(Block { source: &text[range], heading: None }),
            _ => {}
        }
    }
    found
}

/// Tells whether a heading is of this version: `[1.2.3] - 2025-01-01`, `1.2.3`, `v1.2.3 (...)`.
fn names(title: &str, tag: &Tag) -> bool {
    let word = title.trim().trim_start_matches('[');
    let word =
        word.split(|c: char| c.is_whitespace() || c == ']' || c == '(').next().unwrap_or_default();
    word == tag.name() || word.strip_prefix(['v', 'V']).unwrap_or(word) == tag.version().to_string()
}

fn is_comment(source: &str) -> bool {
    source.starts_with("<!--") && source.ends_with("-->") && source.matches("-->").count() == 1
}

/// Breaks what opens a comment: Landfall knows its own releases by one, so that a copied one must not count.
fn without_comments(text: &str) -> String {
    text.replace("<!--", "<\u{200b}!--")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Changelog

## [Unreleased]

## [1.1.0] - 2025-02-03

<!-- hidden -->
A word before, with [#7].

### Added

- One, thanks to @someone
- Two

```
## [1.0.0] in a block
```

## v1.0.0 (2025-01-01)

- first <!-- landfall manifest=0 -->

## [0.9.0]

### Added

[#7]: https://example.com/7
[1.1.0]: https://example.com/compare
";

    fn section(version: &str) -> Option<String> {
        let tag = Tag::parse(version, None).expect(version);
        Section::find(FILE, &tag).map(|section| section.print(10_000))
    }

    #[test]
    fn the_section_of_a_version_is_found_whole() {
        assert_eq!(
            section("v1.1.0").as_deref(),
            Some(
                "A word before, with [#7].\n\n### Added\n\n- One, thanks to @someone\n- Two\n\n```\n\
                 ## [1.0.0] in a block\n```\n\n[#7]: https://example.com/7\n"
            )
        );
        assert_eq!(
            section("v1.0.0").as_deref(),
            Some("- first <\u{200b}!-- landfall manifest=0 -->\n")
        );
    }

    #[test]
    fn what_is_missing_or_empty_is_not_found() {
        assert_eq!(section("v0.9.0"), None);
        assert_eq!(section("v2.0.0"), None);
        assert_eq!(section("v1.1.0-rc.1"), None);
        let tag = Tag::parse("v1.0.0", None).expect("valid");
        for text in ["", "## [1.0.0]", "1.0.0", "## 1.0.0.1\n\nx", "```\n## 1.0.0\n\nx"] {
            assert_eq!(Section::find(text, &tag), None, "{text}");
        }
    }

    #[test]
    fn comments_cannot_be_put_together() {
        let tag = Tag::parse("v1.0.0", None).expect("valid");
        let text = "## 1.0.0\n\n<!-- a --><!-- landfall manifest=0 -->\n\n<!<!-- x -->-- y\n";
        let printed = Section::find(text, &tag).expect("found").print(1000);
        assert!(!printed.contains("<!--"), "{printed}");
    }

    #[test]
    fn a_long_section_ends_between_two_blocks() {
        let tag = Tag::parse("v1.1.0", None).expect("valid");
        let section = Section::find(FILE, &tag).expect("found");
        let whole = section.print(10_000).chars().count();
        for limit in 80..whole {
            let printed = section.print(limit);
            assert!(printed.chars().count() <= limit, "{limit}: {printed}");
            assert!(
                printed.contains(CUT) && printed.matches("```").count().is_multiple_of(2),
                "{limit}: {printed}"
            );
        }
    }
}
