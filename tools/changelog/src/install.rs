//! The artifacts of a release for its readers: a table by platform, and the list of digests.
//! Pure; knows the manifest and no channel.

use anyhow::{Context, Result};
use common::console;
use common::manifest::{Artifact, Kind, Manifest, Target};
use common::tag::Tag;
use common::template::{
    markdown_block, markdown_cell, markdown_code, markdown_link, markdown_text, render,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

/// Everything but RFC 3986's unreserved characters, so that a value is one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The files of a release.
#[derive(Debug)]
pub(crate) struct Files {
    /// The rows of the table, each a line.
    rows: Vec<String>,
    /// The lines of the checksums, `<sha256>  <name>`.
    digests: Vec<String>,
    /// The name of the file that lists the checksums.
    checksums: Option<String>,
    /// Whether something has to be unpacked.
    archives: bool,
}

impl Files {
    /// Reads a manifest; `template` says where an artifact can be fetched (`{tag}`, `{version}`, `{name}`).
    pub(crate) fn new(manifest: &Manifest, tag: &Tag, template: Option<&str>) -> Result<Self> {
        let of_kind =
            |kind: Kind| manifest.artifacts.iter().filter(move |artifact| artifact.kind == kind);
        let mut programs: Vec<&Artifact> =
            [Kind::Archive, Kind::Binary, Kind::Package].into_iter().flat_map(of_kind).collect();
        programs.sort_by_key(|artifact| (place(artifact.target.as_ref()), artifact.name.as_str()));
        let rows =
            programs.iter().map(|artifact| row(artifact, tag, template)).collect::<Result<_>>()?;
        let digests = manifest
            .artifacts
            .iter()
            .filter(|artifact| artifact.kind != Kind::Checksums)
            .map(|artifact| format!("{}  {}", artifact.sha256, artifact.name))
            .collect();
        Ok(Self {
            rows,
            digests,
            checksums: of_kind(Kind::Checksums).next().map(|artifact| artifact.name.clone()),
            archives: of_kind(Kind::Archive).next().is_some(),
        })
    }

    /// Prints the table and what to do with a file, in about `limit` characters; empty where there is no program.
    pub(crate) fn table(&self, limit: usize) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let (rows, left) = fitting(&self.rows, limit);
        let mut table =
            format!("| Platform | File | Size |\n| --- | --- | ---: |\n{}\n", rows.join("\n"));
        if left > 0 {
            table += &format!("\nand {left} more files\n");
        }
        if self.archives {
            table += "\nUnpack the archive for your platform and put the program into a folder on your `PATH`.\n";
        }
        table
    }

    /// Prints the digests, in about `limit` characters; empty where there is no file.
    pub(crate) fn checksums(&self, limit: usize) -> String {
        if self.digests.is_empty() {
            return String::new();
        }
        let (lines, left) = fitting(&self.digests, limit);
        let mut text = markdown_block(lines);
        if left > 0 {
            text += &format!("\nand {left} more files\n");
        }
        if let Some(name) = &self.checksums {
            let name = markdown_code(name);
            text += &format!(
                "\nThe same is in {name}: `sha256sum --check --ignore-missing` reads it beside the files.\n"
            );
        }
        text
    }
}

/// Returns the lines that fit, and the number of those that do not.
fn fitting(lines: &[String], limit: usize) -> (&[String], usize) {
    let sizes = lines.iter().scan(0, |used, line| {
        *used += line.chars().count() + 1;
        Some(*used)
    });
    let count = sizes.take_while(|used| *used <= limit).count();
    (&lines[..count], lines.len() - count)
}

fn row(artifact: &Artifact, tag: &Tag, template: Option<&str>) -> Result<String> {
    let platform = artifact.target.as_ref().map_or_else(|| "Any".to_owned(), platform);
    let name = markdown_text(&artifact.name);
    let file = match template {
        Some(template) => markdown_link(&name, &address(template, tag, &artifact.name)?),
        None => name,
    };
    let size = console::bytes(artifact.size);
    Ok(format!(
        "| {} | {} | {size} |",
        markdown_cell(&markdown_text(&platform)),
        markdown_cell(&file)
    ))
}

fn address(template: &str, tag: &Tag, name: &str) -> Result<String> {
    let segment = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
    let version = segment(&tag.version().to_string());
    let values = json!({"tag": segment(tag.name()), "version": version, "name": segment(name)});
    render(template, &values).context("failed to read `--url-template`")
}

/// Sorts platforms by how many look for them.
fn place(target: Option<&Target>) -> (usize, Option<&Target>) {
    let known = ["linux", "darwin", "windows"];
    let rank =
        target.map(|target| known.iter().position(|os| *os == target.os).unwrap_or(known.len()));
    (rank.unwrap_or(usize::MAX), target)
}

/// Writes a target as people say it.
fn platform(target: &Target) -> String {
    let os = match target.os.as_str() {
        "linux" => "Linux",
        "darwin" => "macOS",
        "windows" => "Windows",
        "freebsd" => "FreeBSD",
        "openbsd" => "OpenBSD",
        "netbsd" => "NetBSD",
        other => other,
    };
    let arch = match target.arch.as_str() {
        "amd64" => "x86-64",
        "386" => "x86, 32 bit",
        "arm64" => "ARM64",
        "universal" => "Intel and Apple silicon",
        other => other,
    };
    let more = [&target.variant, &target.libc].into_iter().flatten();
    let details: Vec<&str> = std::iter::once(arch).chain(more.map(String::as_str)).collect();
    format!("{os} ({})", details.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(name: &str, kind: Kind, target: Option<(&str, &str)>) -> Artifact {
        let target = target.map(|(os, arch)| Target {
            os: os.into(),
            arch: arch.into(),
            libc: None,
            variant: None,
        });
        Artifact {
            name: name.into(),
            path: None,
            kind,
            target,
            size: 1234,
            sha256: "5".repeat(64),
            sha512: None,
        }
    }

    fn files(artifacts: Vec<Artifact>, template: Option<&str>) -> Files {
        let manifest =
            Manifest { schema: 1, tag: "v1.0.0+b".into(), commit: "0".repeat(40), artifacts };
        Files::new(&manifest, &Tag::parse("v1.0.0+b", None).expect("valid"), template)
            .expect("readable")
    }

    #[test]
    fn programs_are_listed_by_platform_and_linked() {
        let files = files(
            vec![
                artifact("a_darwin.tgz", Kind::Archive, Some(("darwin", "arm64"))),
                artifact("a_linux.tgz", Kind::Archive, Some(("linux", "amd64"))),
                artifact("a.exe", Kind::Binary, Some(("windows", "386"))),
                artifact("a.whl", Kind::Wheel, None),
                artifact("checksums.txt", Kind::Checksums, None),
            ],
            Some("https://example.com/{tag}/{version}/{name}"),
        );
        assert_eq!(
            files.table(10_000),
            "| Platform | File | Size |\n| --- | --- | ---: |\n\
             | Linux (x86-64) | [a_linux.tgz](https://example.com/v1.0.0%2Bb/1.0.0%2Bb/a%5Flinux.tgz) | 1.2 kB |\n\
             | macOS (ARM64) | [a_darwin.tgz](https://example.com/v1.0.0%2Bb/1.0.0%2Bb/a%5Fdarwin.tgz) | 1.2 kB |\n\
             | Windows (x86, 32 bit) | [a.exe](https://example.com/v1.0.0%2Bb/1.0.0%2Bb/a.exe) | 1.2 kB |\n\n\
             Unpack the archive for your platform and put the program into a folder on your `PATH`.\n"
        );
        let digests: String = ["a_darwin.tgz", "a_linux.tgz", "a.exe", "a.whl"]
            .map(|name| format!("{}  {name}\n", "5".repeat(64)))
            .concat();
        assert_eq!(
            files.checksums(10_000),
            format!(
                "```text\n{digests}```\n\nThe same is in `checksums.txt`: \
                 `sha256sum --check --ignore-missing` reads it beside the files.\n"
            )
        );
    }

    #[test]
    fn hostile_names_stay_in_their_cell() {
        let files = files(
            vec![artifact("a|b](x)<!--`@c", Kind::Binary, Some(("os|x", "`")))],
            Some("https://example.com/{name}"),
        );
        let row = files.table(10_000).lines().nth(2).map(str::to_owned);
        let name = "a\\|b\\](x)&lt;!--\\``@c`";
        let address = "https://example.com/a%7Cb%5D%28x%29%3C%21--%60%40c";
        assert_eq!(row, Some(format!("| os\\|x (\\`) | [{name}]({address}) | 1.2 kB |")));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let many = (0..100)
            .map(|n| artifact(&format!("file-{n:03}"), Kind::Binary, Some(("linux", "amd64"))))
            .collect();
        let files = files(many, None);
        assert!(files.table(500).ends_with("\nand 88 more files\n"), "{}", files.table(500));
        assert!(
            files.checksums(500).ends_with("```\n\nand 94 more files\n"),
            "{}",
            files.checksums(500)
        );
    }

    #[test]
    fn a_release_without_programs_has_no_table() {
        assert_eq!(files(vec![artifact("a.whl", Kind::Wheel, None)], None).table(1000), "");
        assert_eq!(files(Vec::new(), None).checksums(1000), "");
    }
}
