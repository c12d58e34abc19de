//! What a file is by how its name ends: the table of endings, and of names that say it all.
//! Knows nothing of platforms, but for endings that only one system uses.

use common::manifest::Kind;

/// What an ending says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The kind of file.
    pub kind: Kind,
    /// The one system that uses this ending.
    pub os: Option<&'static str>,
    /// Whether a file of this kind is of no use without knowing what it runs on.
    pub platform: bool,
}

const fn built(kind: Kind) -> Ending {
    Ending { kind, os: None, platform: true }
}

const fn only(kind: Kind, os: &'static str) -> Ending {
    Ending { kind, os: Some(os), platform: true }
}

const fn anywhere(kind: Kind) -> Ending {
    Ending { kind, os: None, platform: false }
}

const ARCHIVE: Ending = built(Kind::Archive);
const CHECKSUMS: Ending = anywhere(Kind::Checksums);
const SIGNATURE: Ending = anywhere(Kind::Signature);
const OTHER: Ending = anywhere(Kind::Other);
const PACKAGE: Ending = anywhere(Kind::Package);

/// Endings in lower case with their dot; the longest that fits wins.
const ENDINGS: &[(&str, Ending)] = &[
    // Archives, and single compressed programs.
    (".tar.gz", ARCHIVE),
    (".tgz", ARCHIVE),
    (".tar.xz", ARCHIVE),
    (".txz", ARCHIVE),
    (".tar.zst", ARCHIVE),
    (".tzst", ARCHIVE),
    (".tar.bz2", ARCHIVE),
    (".tbz", ARCHIVE),
    (".tbz2", ARCHIVE),
    (".tar.lz", ARCHIVE),
    (".tar.br", ARCHIVE),
    (".tar", ARCHIVE),
    (".zip", ARCHIVE),
    (".7z", ARCHIVE),
    (".gz", ARCHIVE),
    (".xz", ARCHIVE),
    (".zst", ARCHIVE),
    (".bz2", ARCHIVE),
    // Programs.
    (".exe", only(Kind::Binary, "windows")),
    (".wasm", built(Kind::Binary)),
    // Packages of one system.
    (".deb", only(Kind::Package, "linux")),
    (".rpm", only(Kind::Package, "linux")),
    (".ipk", only(Kind::Package, "linux")),
    (".pkg.tar.zst", only(Kind::Package, "linux")),
    (".pkg.tar.xz", only(Kind::Package, "linux")),
    (".appimage", only(Kind::Package, "linux")),
    (".snap", only(Kind::Package, "linux")),
    (".flatpak", only(Kind::Package, "linux")),
    (".msi", only(Kind::Package, "windows")),
    (".msix", only(Kind::Package, "windows")),
    (".appx", only(Kind::Package, "windows")),
    (".dmg", only(Kind::Package, "darwin")),
    // Both Alpine and Android, both macOS and FreeBSD: the name has to say which.
    (".apk", built(Kind::Package)),
    (".pkg", built(Kind::Package)),
    // Packages of a language or a program, for any system unless the name says more.
    (".whl", anywhere(Kind::Wheel)),
    (".nupkg", PACKAGE),
    (".gem", PACKAGE),
    (".crate", PACKAGE),
    (".jar", PACKAGE),
    (".vsix", PACKAGE),
    (".conda", PACKAGE),
    (".mcpb", PACKAGE),
    // Digests.
    (".sha256", CHECKSUMS),
    (".sha256.txt", CHECKSUMS),
    (".sha256sum", CHECKSUMS),
    (".sha256sums", CHECKSUMS),
    (".sha512", CHECKSUMS),
    (".sha512.txt", CHECKSUMS),
    (".sha512sum", CHECKSUMS),
    (".sha384", CHECKSUMS),
    (".sha1", CHECKSUMS),
    (".md5", CHECKSUMS),
    (".b3", CHECKSUMS),
    (".blake3", CHECKSUMS),
    (".digests", CHECKSUMS),
    // Signatures, certificates, attestations.
    (".sig", SIGNATURE),
    (".asc", SIGNATURE),
    (".sign", SIGNATURE),
    (".gpg", SIGNATURE),
    (".gpgsig", SIGNATURE),
    (".minisig", SIGNATURE),
    (".pem", SIGNATURE),
    (".crt", SIGNATURE),
    (".cert", SIGNATURE),
    (".p7s", SIGNATURE),
    (".sigstore", SIGNATURE),
    (".sigstore.json", SIGNATURE),
    (".cosign.bundle", SIGNATURE),
    (".bundle", SIGNATURE),
    (".intoto.jsonl", SIGNATURE),
    (".sigsum", SIGNATURE),
    (".attestation", SIGNATURE),
    (".attestation.json", SIGNATURE),
    (".attestations.json", SIGNATURE),
    (".provenance", SIGNATURE),
    (".provenance.json", SIGNATURE),
    // What goes along with a program.
    (".pub", OTHER),
    (".sbom", OTHER),
    (".spdx", OTHER),
    (".dsym.zip", OTHER),
    (".dsym.tar.gz", OTHER),
    (".pdb", OTHER),
    (".pdb.gz", OTHER),
    (".debug", OTHER),
    (".dbg", OTHER),
    (".snupkg", OTHER),
    (".zsync", OTHER),
    (".blockmap", OTHER),
    (".so", OTHER),
    (".dylib", OTHER),
    (".dll", OTHER),
    (".a", OTHER),
    (".lib", OTHER),
    (".h", OTHER),
    (".json", OTHER),
    (".jsonl", OTHER),
    (".yaml", OTHER),
    (".yml", OTHER),
    (".toml", OTHER),
    (".xml", OTHER),
    (".txt", OTHER),
    (".md", OTHER),
    (".html", OTHER),
    (".pdf", OTHER),
    (".sh", OTHER),
    (".bash", OTHER),
    (".zsh", OTHER),
    (".fish", OTHER),
    (".elv", OTHER),
    (".nu", OTHER),
    (".ps1", OTHER),
    (".bat", OTHER),
    (".cmd", OTHER),
    (".rb", OTHER),
    (".py", OTHER),
    (".pyz", OTHER),
    (".js", OTHER),
    (".mjs", OTHER),
    (".cjs", OTHER),
    (".ts", OTHER),
    (".lua", OTHER),
    (".png", OTHER),
    (".svg", OTHER),
    (".1", OTHER),
];

/// Names without an ending of their own, in lower case.
const NAMES: &[&str] = &[
    "license",
    "licence",
    "license-mit",
    "license-apache",
    "copying",
    "unlicense",
    "notice",
    "authors",
    "readme",
    "changelog",
];

/// Finds what a name's ending says, and the rest of the name before it; the name is in lower case.
pub(crate) fn ending(name: &str) -> Option<(Ending, &str)> {
    if is_checksums(name) {
        return Some((CHECKSUMS, ""));
    }
    if NAMES.contains(&name) {
        return Some((OTHER, ""));
    }
    // Every ending begins at a dot, and a longer one is met first from the left.
    let (at, ending) = name.match_indices('.').find_map(|(at, _)| {
        let wanted = &name[at..];
        ENDINGS.iter().find(|(ending, _)| *ending == wanted).map(|(_, ending)| (at, *ending))
    })?;
    Some((ending, &name[..at]))
}

/// Tells lists of digests by the middle of their names: `greet_1.0.0_checksums.txt`, `SHA256SUMS`, `SHASUMS256.txt`.
fn is_checksums(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "checksums",
        "checksum",
        "sha256sums",
        "sha256sum",
        "sha512sums",
        "sha512sum",
        "sha1sums",
        "md5sums",
        "shasums256",
        "shasums512",
        "shasums",
        "sha256",
    ];
    let stem = [".txt", ".sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let bare = stem.len() == name.len();
    WORDS.iter().any(|word| {
        stem.strip_suffix(word).is_some_and(|before| {
            // A word by itself must not be the end of another one, nor a plain `sha256` a product's name.
            (before.is_empty() || before.ends_with(['-', '_', '.']))
                && !(bare && matches!(*word, "sha256" | "checksum"))
        })
    })
}
