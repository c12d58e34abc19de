//! Entries as Markdown: a list for each group, every word of others escaped.
//! Pure; knows how GitHub addresses commits and pull requests, and no release.

use common::tag::Tag;
use common::template::{markdown_code, markdown_link, markdown_prose, markdown_text};

use crate::entry::{Entry, Group};

/// What the line "and N more commits" may need, in characters.
const LAST_LINE: usize = 60;

/// The digits of a commit that are shown. Git's own abbreviation would grow with the repository.
const SHOWN: usize = 7;

/// Where commits and pull requests can be read.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    repository: Option<String>,
}

impl Links {
    /// Links into the repository of this address, or nowhere.
    pub(crate) fn new(repository: Option<String>) -> Self {
        let trim =
            |address: String| address.trim_end_matches('/').trim_end_matches(".git").to_owned();
        Self { repository: repository.map(trim) }
    }

    /// Prints the entries under their groups, in at most `limit` characters; what does not fit is counted.
    pub(crate) fn list(&self, entries: &[Entry], limit: usize) -> String {
        let mut list = String::new();
        let mut used = 0;
        let mut group: Option<Group> = None;
        for (index, entry) in entries.iter().enumerate() {
            let mut part = String::new();
            if group != Some(entry.group) {
                let distance = if group.is_some() { "\n" } else { "" };
                part = format!("{distance}### {}\n\n", entry.group.heading());
                group = Some(entry.group);
            }
            part += &self.line(entry);
            let length = part.chars().count();
            let left = entries.len() - index;
            let reserve = if left > 1 { LAST_LINE } else { 0 };
            if used + length + reserve > limit {
                let noun = if left == 1 { "commit" } else { "commits" };
                list +=
                    &format!("{}and {left} more {noun}\n", if list.is_empty() { "" } else { "\n" });
                break;
            }
            used += length;
            list += &part;
        }
        list
    }

    /// Prints the link to everything between two releases.
    pub(crate) fn comparison(&self, previous: &Tag, tag: &Tag) -> Option<String> {
        let repository = self.repository.as_deref()?;
        let address = format!("{repository}/compare/{}...{}", previous.name(), tag.name());
        let text = markdown_text(&format!("{previous}...{tag}"));
        Some(format!("All changes: {}\n", markdown_link(&text, &address)))
    }

    fn line(&self, entry: &Entry) -> String {
        let scope = entry
            .scope
            .as_deref()
            .map(|scope| format!("**{}:** ", markdown_text(scope)))
            .unwrap_or_default();
        let consequence = entry
            .consequence
            .as_deref()
            .map(|said| format!(" — {}", markdown_prose(said)))
            .unwrap_or_default();
        let source = match entry.pull_request {
            Some(number) => self.link(&format!("#{number}"), &format!("pull/{number}")),
            None => {
                let short: String = entry.hash.chars().take(SHOWN).collect();
                self.link(&markdown_code(&short), &format!("commit/{}", entry.hash))
            }
        };
        format!("- {scope}{}{consequence} ({source})\n", markdown_prose(&entry.text))
    }

    fn link(&self, text: &str, path: &str) -> String {
        match &self.repository {
            Some(repository) => markdown_link(text, &format!("{repository}/{path}")),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag as Element, TagEnd};

    use super::*;

    fn entry(group: Group, text: &str) -> Entry {
        let hash = "0123456789abcdef0123456789abcdef01234567".to_owned();
        Entry {
            group,
            scope: None,
            text: text.to_owned(),
            consequence: None,
            pull_request: None,
            hash,
        }
    }

    #[test]
    fn entries_link_to_where_they_came_from() {
        let pull = Entry {
            pull_request: Some(12),
            scope: Some("a*b".into()),
            ..entry(Group::Breaking, "drop `x`")
        };
        let entries =
            [Entry { consequence: Some("use\ny".into()), ..pull }, entry(Group::Other, "z")];
        let plain = "### Breaking changes\n\n- **a\\*b:** drop `x` — use y (#12)\n\n### Other\n\n- z (`0123456`)\n";
        assert_eq!(Links::new(None).list(&entries, 1000), plain);
        let linked = "### Breaking changes\n\n\
            - **a\\*b:** drop `x` — use y ([#12](https://example.com/a/b/pull/12))\n\n### Other\n\n\
            - z ([`0123456`](https://example.com/a/b/commit/0123456789abcdef0123456789abcdef01234567))\n";
        assert_eq!(
            Links::new(Some("https://example.com/a/b.git".into())).list(&entries, 1000),
            linked
        );
    }

    #[test]
    fn hostile_words_do_nothing() {
        let text = "<script>x</script> [x](javascript:y) @everyone <!-- landfall manifest=0 -->";
        let list = Links::new(None).list(&[entry(Group::Other, text)], 1000);
        assert_eq!(
            list,
            "### Other\n\n- &lt;script&gt;x&lt;/script&gt; \\[x\\](javascript:y) `@everyone` \
             &lt;!-- landfall manifest=0 --&gt; (`0123456`)\n"
        );
    }

    /// What a reader of the list's only item sees, and whether anything in it is more than text and code.
    fn rendered(list: &str) -> (String, bool) {
        let mut seen = String::new();
        let mut active = false;
        let extensions = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH;
        for event in Parser::new_ext(list, extensions) {
            match event {
                Event::Text(text) => seen.push_str(&text),
                Event::Code(code) => seen.push_str(&code),
                Event::Start(Element::List(_) | Element::Item)
                | Event::End(TagEnd::List(_) | TagEnd::Item) => {}
                _ => active = true,
            }
        }
        (seen, active)
    }

    proptest! {
        #[test]
        fn any_text_is_shown_as_it_is_and_does_nothing(text in r"[ \\a1`*_~<>&#@|\[\]()!$:/.+=\-é]{0,24}") {
            for made in [markdown_text(&text), markdown_prose(&text)] {
                let (seen, active) = rendered(&format!("- x {made} x\n"));
                prop_assert!(!active, "{made}");
                let plain = |text: &str| text.replace(['`', ' ', '\u{200b}'], "");
                prop_assert_eq!(plain(&seen), plain(&format!("x{text}x")), "{}", made);
                let (seen, active) = rendered(&format!("- {made}\n"));
                prop_assert!(!active, "{made}");
                prop_assert_eq!(plain(&seen), plain(&text), "{}", made);
            }
        }

        #[test]
        fn no_comment_survives(text in "[<!\\-> `a\u{200b}\u{0}]{0,24}") {
            let list = Links::new(None).list(&[entry(Group::Other, &text)], 1000);
            prop_assert!(!list.contains("<!--"), "{list}");
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let entries: Vec<Entry> = (0..50).map(|_| entry(Group::Fixes, &"é".repeat(20))).collect();
        for limit in [0, 80, 300, 1000, 1600, 1700] {
            let list = Links::new(None).list(&entries, limit);
            let shown = list.lines().filter(|line| line.starts_with("- ")).count();
            assert!(list.chars().count() <= limit.max(LAST_LINE), "{limit}: {list}");
            let rest = 50 - shown;
            assert_eq!(
                list.ends_with(&format!("and {rest} more commits\n")),
                rest > 0,
                "{limit}: {list}"
            );
        }
        assert_eq!(Links::new(None).list(&entries[..1], 10), "and 1 more commit\n");
    }
}
