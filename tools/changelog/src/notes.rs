//! The release notes as a whole: what stands where, and what gives way when they grow too long.
//! Pure; every part is already Markdown that does nothing of its own accord.

use common::tag::Tag;
use common::template::{markdown_code, markdown_text};

use crate::channel::Line;
use crate::entry::Entry;
use crate::install::Files;
use crate::list::Links;
use crate::written::Section;

/// The least number of characters that leaves room for each part to say that it was cut.
pub(crate) const LEAST: usize = 2_000;

/// What the fixed words around the parts may need.
const FRAME: usize = 800;

/// Everything that the notes are made of.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The release.
    pub(crate) tag: Tag,
    /// What a person wrote about it; takes the place of the entries.
    pub(crate) written: Option<Section>,
    /// What changed.
    pub(crate) entries: Vec<Entry>,
    /// The release before.
    pub(crate) previous: Option<Tag>,
    /// Its files.
    pub(crate) files: Option<Files>,
    /// Its other channels.
    pub(crate) channels: Vec<Line>,
}

impl Notes {
    /// Prints them in at most `limit` characters, which is at least [`LEAST`].
    ///
    /// The files may take half of the room and the channels an eighth; what changed gets the rest.
    pub(crate) fn print(&self, links: &Links, limit: usize) -> String {
        let room = limit.saturating_sub(FRAME);
        let comparison =
            self.previous.as_ref().and_then(|previous| links.comparison(previous, &self.tag));
        let comparison =
            comparison.filter(|text| text.chars().count() <= room / 8).unwrap_or_default();
        let table = self.files.as_ref().map(|files| files.table(room / 4)).unwrap_or_default();
        let channels = channels(&self.channels, room / 8);
        let checksums =
            self.files.as_ref().map(|files| files.checksums(room / 4)).unwrap_or_default();

        let install = section("Install", &[&table, &channels]);
        let checksums = section("Checksums", &[&checksums]);
        let rest = [comparison, install, checksums]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        // The heading and the empty lines around what comes are part of the same room.
        let left = limit.saturating_sub(rest.chars().count() + 40);
        let changes = match &self.written {
            Some(written) => written.print(left),
            None => links.list(&self.entries, left),
        };
        let changes = section("What changed", &[&changes]);
        match (changes.is_empty(), rest.is_empty()) {
            (true, true) => format!("Release {}.\n", markdown_code(self.tag.name())),
            (false, false) => format!("{changes}\n{rest}"),
            _ => changes + &rest,
        }
    }
}

/// Puts a heading over parts; nothing where all of them are empty.
fn section(title: &str, parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!("## {title}\n\n{}", parts.join("\n")) }
}

/// Lists the channels; those that do not fit are left out.
fn channels(lines: &[Line], limit: usize) -> String {
    let mut list = String::new();
    for line in lines {
        let commands: Vec<String> =
            line.commands.iter().map(|command| markdown_code(command)).collect();
        let item = format!("- {}: {}\n", markdown_text(&line.label), commands.join(", then "));
        if list.chars().count() + item.chars().count() <= limit {
            list += &item;
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use common::manifest::{Artifact, Kind, Manifest, Target};

    use super::*;
    use crate::entry::Group;

    fn notes(entries: usize, files: usize, channels: usize) -> Notes {
        let tag = Tag::parse("v1.0.0", None).expect("valid");
        let target = Target { os: "linux".into(), arch: "amd64".into(), libc: None, variant: None };
        let artifacts = (0..files).map(|n| Artifact {
            name: format!("greet-{n}"),
            path: None,
            kind: Kind::Binary,
            target: Some(target.clone()),
            size: 1,
            sha256: "a".repeat(64),
            sha512: None,
        });
        let manifest = Manifest {
            schema: 1,
            tag: "v1.0.0".into(),
            commit: "0".repeat(40),
            artifacts: artifacts.collect(),
        };
        let entry = Entry {
            group: Group::Features,
            scope: None,
            text: "greet".into(),
            consequence: None,
            pull_request: Some(1),
            hash: "0".repeat(40),
        };
        Notes {
            written: None,
            entries: vec![entry; entries],
            previous: Tag::parse("v0.9.0", None).ok(),
            files: Some(Files::new(&manifest, &tag, None).expect("readable")),
            channels: vec![
                Line { label: "x".into(), commands: vec!["install x".into()] };
                channels
            ],
            tag,
        }
    }

    #[test]
    fn whatever_there_is_the_limit_holds() {
        let links = Links::new(Some("https://example.com/acme/greet".into()));
        for (entries, files, channels) in
            [(5000, 1000, 7), (0, 1000, 0), (5000, 0, 0), (1, 1, 1), (0, 0, 500)]
        {
            for limit in [LEAST, 2_500, 10_000, 125_000] {
                let printed = notes(entries, files, channels).print(&links, limit);
                assert!(
                    printed.chars().count() <= limit,
                    "{entries} {files} {channels} {limit}: {}",
                    printed.len()
                );
                assert!(!printed.contains("\n\n\n") && printed.ends_with('\n'), "{printed}");
            }
        }
        let printed = notes(5000, 0, 0).print(&links, 125_000);
        assert!(printed.chars().count() > 124_800, "most of the room is used: {}", printed.len());
        assert!(printed.contains(" more commits\n"), "{printed}");
    }

    #[test]
    fn notes_are_never_empty() {
        assert_eq!(notes(0, 0, 0).print(&Links::new(None), LEAST), "Release `v1.0.0`.\n");
    }
}
