//! Names of files that real projects released, and what each says.
//! A `?` after the kind stands for a doubt: the name does not say enough, and nothing is guessed.

use super::recognise;

/// Name, and `kind`, `kind os/arch`, `kind?` as the manifest would have it.
const NAMES: &[(&str, &str)] = &[
    // Rust target triples: ripgrep, fd, bat, uv, ruff, jj, just, deno, starship, rust-analyzer, cross.
    ("ripgrep-14.1.1-x86_64-unknown-linux-musl.tar.gz", "archive linux/amd64 (musl)"),
    ("ripgrep-14.1.1-i686-pc-windows-msvc.zip", "archive windows/386 (msvc)"),
    ("ripgrep-14.1.1-x86_64-pc-windows-gnu.zip", "archive windows/amd64 (gnu)"),
    ("ripgrep-14.1.1-armv7-unknown-linux-gnueabihf.tar.gz", "archive linux/arm/v7 (gnu)"),
    ("ripgrep-14.1.1-armv7-unknown-linux-musleabihf.tar.gz", "archive linux/arm/v7 (musl)"),
    ("ripgrep-14.1.1-armv7-unknown-linux-musleabi.tar.gz", "archive linux/arm/v7 (musl)"),
    ("ripgrep-14.1.1-s390x-unknown-linux-gnu.tar.gz", "archive linux/s390x (gnu)"),
    ("ripgrep-14.1.1-aarch64-apple-darwin.tar.gz.sha256", "checksums"),
    ("ripgrep_14.1.1-1_amd64.deb", "package linux/amd64"),
    ("ripgrep_14.1.1-1_amd64.deb.sha256", "checksums"),
    ("fd-v10.2.0-arm-unknown-linux-gnueabihf.tar.gz", "archive linux/arm (gnu)"),
    ("fd-v10.2.0-i686-unknown-linux-musl.tar.gz", "archive linux/386 (musl)"),
    ("fd-musl_10.2.0_amd64.deb", "package linux/amd64 (musl)"),
    ("fd_10.2.0_armhf.deb", "package linux/arm"),
    ("bat-v0.24.0-x86_64-apple-darwin.tar.gz", "archive darwin/amd64"),
    ("bat_0.24.0_i686.deb", "package linux/386"),
    ("uv-aarch64-pc-windows-msvc.zip", "archive windows/arm64 (msvc)"),
    ("uv-powerpc64le-unknown-linux-gnu.tar.gz", "archive linux/ppc64le (gnu)"),
    ("uv-riscv64gc-unknown-linux-gnu.tar.gz", "archive linux/riscv64 (gnu)"),
    ("uv-arm-unknown-linux-musleabihf.tar.gz", "archive linux/arm (musl)"),
    ("uv-installer.sh", "other"),
    ("uv-installer.ps1", "other"),
    ("sha256.sum", "checksums"),
    ("source.tar.gz", "other"),
    ("source.tar.gz.sha256", "checksums"),
    ("dist-manifest.json", "other"),
    ("ruff-powerpc64-unknown-linux-gnu.tar.gz", "archive linux/ppc64 (gnu)"),
    ("jj-v0.25.0-aarch64-unknown-linux-musl.tar.gz", "archive linux/arm64 (musl)"),
    ("just-1.36.0-arm-unknown-linux-musleabihf.tar.gz", "archive linux/arm (musl)"),
    ("just-1.36.0-loongarch64-unknown-linux-musl.tar.gz", "archive linux/loong64 (musl)"),
    ("SHA256SUMS", "checksums"),
    ("deno-x86_64-unknown-linux-gnu.zip", "archive linux/amd64 (gnu)"),
    ("deno-x86_64-unknown-linux-gnu.zip.sha256sum", "checksums"),
    ("denort-aarch64-apple-darwin.zip", "archive darwin/arm64"),
    ("deno_src.tar.gz", "other"),
    ("lib.deno.d.ts", "other"),
    ("starship-x86_64-unknown-freebsd.tar.gz", "archive freebsd/amd64"),
    ("starship-x86_64-pc-windows-msvc.msi", "package windows/amd64 (msvc)"),
    ("starship-x86_64-apple-darwin.pkg", "package darwin/amd64"),
    ("rust-analyzer-aarch64-unknown-linux-gnu.gz", "archive linux/arm64 (gnu)"),
    ("rust-analyzer-linux-x64.vsix", "package linux/amd64"),
    ("rust-analyzer-win32-arm64.vsix", "package windows/arm64"),
    ("rust-analyzer-alpine-x64.vsix", "package"),
    ("rust-analyzer-no-server.vsix", "package"),
    ("cross-x86_64-unknown-linux-gnu.tar.gz", "archive linux/amd64 (gnu)"),
    ("wasm-tools-1.220.0-x86_64-linux.tar.gz", "archive? "),
    ("greet-aarch64-linux-android.tar.gz", "archive android/arm64"),
    ("greet-aarch64-unknown-linux-ohos.tar.gz", "archive ohos/arm64"),
    ("greet-x86_64-unknown-illumos.tar.gz", "archive illumos/amd64"),
    ("greet-x86_64-unknown-netbsd.tar.gz", "archive netbsd/amd64"),
    ("greet-universal-apple-darwin.tar.gz", "archive darwin/universal"),
    ("greet-universal2-apple-darwin.tar.gz", "archive darwin/universal"),
    ("greet-wasm32-wasip1.tar.gz", "archive wasip1/wasm"),
    ("greet-x86_64_v3-unknown-linux-gnu.tar.zst", "archive linux/amd64/v3 (gnu)"),
    ("greet-x86_64-unknown-linux-gnu.tar.xz.asc", "signature"),
    ("greet-aarch64-apple-ios.tar.gz", "archive ios/arm64"),
    // GoReleaser's habits, old and new: gh, goreleaser, hugo, lazygit, caddy, k9s, cosign.
    ("gh_2.62.0_linux_386.tar.gz", "archive linux/386"),
    ("gh_2.62.0_linux_armv6.rpm", "package linux/arm/v6"),
    ("gh_2.62.0_macOS_amd64.zip", "archive darwin/amd64"),
    ("gh_2.62.0_macOS_universal.pkg", "package darwin/universal"),
    ("gh_2.62.0_windows_arm64.msi", "package windows/arm64"),
    ("gh_2.62.0_checksums.txt", "checksums"),
    ("goreleaser_Linux_x86_64.tar.gz", "archive linux/amd64"),
    ("goreleaser_Linux_ppc64.tar.gz", "archive linux/ppc64"),
    ("goreleaser_Darwin_all.tar.gz", "archive darwin/universal"),
    ("goreleaser_Windows_i386.zip", "archive windows/386"),
    ("goreleaser-2.4.4-1.x86_64.rpm", "package linux/amd64"),
    ("goreleaser-2.4.4-1-x86_64.pkg.tar.zst", "package linux/amd64"),
    ("goreleaser_2.4.4_x86_64.apk", "package? "),
    ("goreleaser_2.4.4_linux_amd64.apk", "package linux/amd64"),
    ("goreleaser_Linux_x86_64.tar.gz.sbom.json", "other"),
    ("checksums.txt.pem", "signature"),
    ("checksums.txt.sig", "signature"),
    ("checksums.txt.sigstore.json", "signature"),
    ("hugo_0.139.0_darwin-universal.tar.gz", "archive darwin/universal"),
    ("hugo_extended_0.139.0_linux-arm64.tar.gz", "archive linux/arm64"),
    ("hugo_0.80.0_Linux-64bit.tar.gz", "archive linux/amd64"),
    ("hugo_0.80.0_macOS-64bit.tar.gz", "archive darwin/amd64"),
    ("hugo_0.80.0_Windows-32bit.zip", "archive windows/386"),
    ("hugo_0.80.0_Linux-ARM64.deb", "package linux/arm64"),
    ("hugo_0.139.0_dragonfly-amd64.tar.gz", "archive dragonfly/amd64"),
    ("hugo_0.139.0_netbsd-amd64.tar.gz", "archive netbsd/amd64"),
    ("lazygit_0.44.1_Linux_32-bit.tar.gz", "archive linux/386"),
    ("lazygit_0.44.1_freebsd_armv6.tar.gz", "archive freebsd/arm/v6"),
    ("lazygit_0.44.1_Darwin_arm64.tar.gz", "archive darwin/arm64"),
    ("caddy_2.8.4_linux_armv5.tar.gz", "archive linux/arm/v5"),
    ("caddy_2.8.4_mac_arm64.tar.gz", "archive darwin/arm64"),
    ("caddy_2.8.4_mac_arm64.pem", "signature"),
    ("caddy_2.8.4_src.tar.gz", "other"),
    ("k9s_Linux_s390x.tar.gz", "archive linux/s390x"),
    ("k9s_linux_amd64.deb", "package linux/amd64"),
    ("cosign-2.4.1.aarch64.rpm", "package linux/arm64"),
    ("cosign-linux-amd64", "binary linux/amd64"),
    ("cosign-windows-amd64.exe", "binary windows/amd64"),
    ("cosign-linux-amd64-keyless.pem", "signature"),
    ("cosign-linux-amd64-keyless.sig", "signature"),
    ("cosign_checksums.txt", "checksums"),
    ("release-cosign.pub", "other"),
    ("trivy_0.57.0_Linux-PPC64LE.tar.gz", "archive linux/ppc64le"),
    ("trivy_0.57.0_windows-64bit.zip", "archive windows/amd64"),
    ("trivy_0.57.0_bom.json", "other"),
    ("syft_1.16.0_linux_ppc64le.rpm", "package linux/ppc64le"),
    ("task_linux_riscv64.deb", "package linux/riscv64"),
    ("sops-v3.9.1.linux.amd64", "binary linux/amd64"),
    ("sops-v3.9.1.darwin", "binary?"),
    ("sops-v3.9.1.exe", "binary? "),
    ("sops-v3.9.1.intoto.jsonl", "signature"),
    ("sops-3.9.1-1.aarch64.rpm", "package linux/arm64"),
    ("nfpm_2.41.1_amd64.deb", "package linux/amd64"),
    ("opentofu_1.8.5_linux_mips64le_softfloat.zip", "archive linux/mips64le/softfloat"),
    // HashiCorp and other Go projects.
    ("terraform_1.9.8_linux_amd64.zip", "archive linux/amd64"),
    ("terraform_1.9.8_solaris_amd64.zip", "archive solaris/amd64"),
    ("terraform_1.9.8_SHA256SUMS", "checksums"),
    ("terraform_1.9.8_SHA256SUMS.72D7468F.sig", "signature"),
    ("tofu_1.8.5_SHA256SUMS.gpgsig", "signature"),
    ("kubectl-v1.31.2-linux-amd64", "binary linux/amd64"),
    ("kubectl", "other?"),
    ("kubernetes-client-darwin-arm64.tar.gz", "archive darwin/arm64"),
    ("helm-v3.16.2-linux-arm.tar.gz.sha256sum", "checksums"),
    ("helm-v3.16.2-linux-arm.tar.gz", "archive linux/arm"),
    ("helm-v3.16.2-linux-armv7.tar.gz.sha256.asc", "signature"),
    ("k3s-arm64", "binary?"),
    ("k3s", "other?"),
    ("sha256sum-amd64.txt", "other"),
    ("minikube-linux-arm", "binary linux/arm"),
    ("minikube-1.34.0-0.x86_64.rpm", "package linux/amd64"),
    ("docker-compose-linux-x86_64", "binary linux/amd64"),
    ("docker-compose-darwin-aarch64.sha256", "checksums"),
    ("docker-compose-windows-x86_64.exe", "binary windows/amd64"),
    ("docker-compose-linux-armv7", "binary linux/arm/v7"),
    ("docker-compose-linux-x86_64.provenance.json", "signature"),
    ("docker-compose-linux-x86_64.sbom.json", "other"),
    ("buildx-v0.18.0.linux-arm-v6", "binary linux/arm/v6"),
    ("buildx-v0.18.0.windows-arm64.exe", "binary windows/arm64"),
    ("yq_linux_amd64.tar.gz", "archive linux/amd64"),
    ("yq_netbsd_386", "binary netbsd/386"),
    ("yq_linux_mips64le", "binary linux/mips64le"),
    ("mkcert-v1.4.4-windows-amd64.exe", "binary windows/amd64"),
    ("age-v1.2.0-freebsd-amd64.tar.gz", "archive freebsd/amd64"),
    ("go1.23.2.linux-armv6l.tar.gz", "archive linux/arm/v6"),
    ("go1.23.2.windows-amd64.msi", "package windows/amd64"),
    ("go1.23.2.src.tar.gz", "other"),
    ("go1.23.2.aix-ppc64.tar.gz", "archive aix/ppc64"),
    ("go1.23.2.plan9-386.tar.gz", "archive plan9/386"),
    ("shfmt_v3.10.0_darwin_arm64", "binary darwin/arm64"),
    ("hadolint-Linux-x86_64", "binary linux/amd64"),
    ("hadolint-Darwin-x86_64.sha256", "checksums"),
    ("eksctl_Windows_armv7.zip", "archive windows/arm/v7"),
    // npm, Node and Bun.
    ("node-v22.11.0-linux-x64.tar.xz", "archive linux/amd64"),
    ("node-v22.11.0-win-x64.7z", "archive windows/amd64"),
    ("node-v22.11.0-win-x86.zip", "archive windows/386"),
    ("node-v22.11.0-darwin-arm64.tar.gz", "archive darwin/arm64"),
    ("node-v22.11.0-x64.msi", "package windows/amd64"),
    ("node-v22.11.0-aix-ppc64.tar.gz", "archive aix/ppc64"),
    ("node-v22.11.0-headers.tar.gz", "other"),
    ("node-v22.11.0.tar.xz", "archive?"),
    ("node-v22.11.0.pkg", "package?"),
    ("SHASUMS256.txt", "checksums"),
    ("SHASUMS256.txt.asc", "signature"),
    ("bun-linux-x64-baseline.zip", "archive linux/amd64/baseline"),
    ("bun-linux-aarch64-musl.zip", "archive linux/arm64 (musl)"),
    ("bun-windows-x64.zip", "archive windows/amd64"),
    ("bun-darwin-x64-baseline.zip", "archive darwin/amd64/baseline"),
    ("esbuild-sunos-x64-0.24.0.tgz", "archive solaris/amd64"),
    ("esbuild-win32-ia32-0.24.0.tgz", "archive windows/386"),
    ("esbuild-android-arm64-0.24.0.tgz", "archive android/arm64"),
    ("rollup-linux-x64-gnu-4.27.2.tgz", "archive linux/amd64 (gnu)"),
    ("swc-linux-x64-musl-1.9.2.tgz", "archive linux/amd64 (musl)"),
    ("turbo-windows-64-1.2.3.tgz", "archive? "),
    ("biome-darwin-arm64", "binary darwin/arm64"),
    ("biome-linux-x64-musl", "binary linux/amd64 (musl)"),
    ("biome-win32-x64.exe", "binary windows/amd64"),
    ("tailwindcss-linux-arm64", "binary linux/arm64"),
    ("tailwindcss-macos-x64", "binary darwin/amd64"),
    ("pnpm-win-arm64.exe", "binary windows/arm64"),
    ("Setup-1.0.0-win32.exe", "package? "),
    // Zig, Helix, Neovim, jq, protoc and other habits.
    ("zig-linux-x86_64-0.13.0.tar.xz", "archive linux/amd64"),
    ("zig-windows-aarch64-0.13.0.zip", "archive windows/arm64"),
    ("zig-macos-aarch64-0.13.0.tar.xz.minisig", "signature"),
    ("zig-freebsd-x86_64-0.13.0.tar.xz", "archive freebsd/amd64"),
    ("helix-24.07-x86_64-linux.tar.xz", "archive linux/amd64"),
    ("helix-24.07-aarch64-macos.tar.xz", "archive darwin/arm64"),
    ("helix-24.07-x86_64.AppImage", "package linux/amd64"),
    ("helix-24.07-x86_64.AppImage.zsync", "other"),
    ("helix-24.07-source.tar.xz", "other"),
    ("nvim-linux64.tar.gz", "archive linux/amd64"),
    ("nvim-linux-x86_64.appimage", "package linux/amd64"),
    ("nvim-macos-arm64.tar.gz", "archive darwin/arm64"),
    ("nvim-win64.zip", "archive windows/amd64"),
    ("nvim-win64.msi", "package windows/amd64"),
    ("jq-linux-i386", "binary linux/386"),
    ("jq-macos-arm64", "binary darwin/arm64"),
    ("jq-osx-amd64", "binary darwin/amd64"),
    ("jq-win64.exe", "binary windows/amd64"),
    ("jq-linux-mipsel", "binary linux/mipsle"),
    ("protoc-28.3-linux-aarch_64.zip", "archive linux/arm64"),
    ("protoc-28.3-linux-ppcle_64.zip", "archive linux/ppc64le"),
    ("protoc-28.3-linux-s390_64.zip", "archive linux/s390x"),
    ("protoc-28.3-linux-x86_32.zip", "archive linux/386"),
    ("protoc-28.3-osx-universal_binary.zip", "archive darwin/universal"),
    ("protoc-28.3-win32.zip", "archive?"),
    ("upx-4.2.4-amd64_linux.tar.xz", "archive linux/amd64"),
    ("micromamba-osx-64", "binary darwin/amd64"),
    ("micromamba-linux-64.tar.bz2", "archive linux/amd64"),
    ("micromamba-win-64.exe", "binary windows/amd64"),
    ("pandoc-3.5-linux-amd64.tar.gz", "archive linux/amd64"),
    ("pandoc-3.5-x86_64-macOS.zip", "archive darwin/amd64"),
    ("pandoc-3.5-windows-x86_64.msi", "package windows/amd64"),
    ("gcc-arm-none-eabi-13-linux-x86_64.tar.xz", "archive? "),
    ("solc-static-linux", "binary?"),
    ("ninja-linux-aarch64.zip", "archive linux/arm64"),
    ("ninja-win.zip", "archive? "),
    ("Obsidian-1.7.5-universal.dmg", "package darwin/universal"),
    ("Obsidian-1.7.5.dmg", "package? "),
    ("obsidian_1.7.5_amd64.snap", "package linux/amd64"),
    ("greet-docs_1.0.0_all.deb", "package"),
    ("greet-1.0.0-1.noarch.rpm", "package"),
    ("Greet-Setup-1.0.0-x64.exe", "package windows/amd64"),
    ("latest.yml", "other"),
    ("app-arm64-v8a-android.apk", "package android/arm64"),
    ("app-release.apk", "package?"),
    ("greet.wasm", "binary?"),
    ("greet-linux-amd64.weird", "other?"),
    ("greet-x86_64-pc-windows-msvc.pdb", "other"),
    ("greet-linux-amd64-debug.tar.gz", "other"),
    ("greet.1.gz", "archive?"),
    ("greet.1", "other"),
    ("LICENSE", "other"),
    ("LICENSE-MIT", "other"),
    ("completions.tar.gz", "other"),
    ("greet.rb", "other"),
    ("multiple.intoto.jsonl", "signature"),
    ("greet-linux-amd64.spdx.json", "other"),
    ("greet_1.0.0_linux_amd64.tar.gz.cosign.bundle", "signature"),
    ("Greet.1.0.0.nupkg", "package"),
    ("greet-1.0.0.gem", "package"),
    ("greet-1.0.0.crate", "package"),
    ("greet-1.0.0-all.jar", "package"),
    // Python.
    ("greet-1.0.0-py3-none-any.whl", "wheel"),
    ("greet-1.0.0-py2.py3-none-any.whl", "wheel"),
    ("uv-0.5.2-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "wheel linux/amd64 (gnu)"),
    ("uv-0.5.2-py3-none-musllinux_1_1_armv7l.whl", "wheel linux/arm/v7 (musl)"),
    ("uv-0.5.2-py3-none-linux_armv6l.whl", "wheel linux/arm/v6"),
    (
        "ruff-0.7.4-py3-none-macosx_10_12_x86_64.macosx_11_0_arm64.macosx_10_12_universal2.whl",
        "wheel darwin/universal",
    ),
    ("ruff-0.7.4-py3-none-macosx_11_0_arm64.whl", "wheel darwin/arm64"),
    ("ruff-0.7.4-py3-none-win32.whl", "wheel windows/386"),
    ("ruff-0.7.4-py3-none-win_arm64.whl", "wheel windows/arm64"),
    (
        "ruff-0.7.4-py3-none-manylinux_2_17_ppc64le.manylinux2014_ppc64le.whl",
        "wheel linux/ppc64le (gnu)",
    ),
    ("numpy-2.1.3-cp313-cp313t-macosx_14_0_x86_64.whl", "wheel darwin/amd64"),
    ("numpy-1.26.4-1-cp39-cp39-manylinux1_i686.whl", "wheel linux/386 (gnu)"),
    ("cryptography-43.0.3-cp39-abi3-musllinux_1_2_aarch64.whl", "wheel linux/arm64 (musl)"),
    ("numpy-2.1.0-cp312-cp312-pyodide_2024_0_wasm32.whl", "wheel?"),
    ("greet-1.0.0-cp313-cp313-ios_13_0_arm64_iphoneos.whl", "wheel ios/arm64"),
    ("greet-1.0.0-cp313-cp313-android_21_arm64_v8a.whl", "wheel android/arm64"),
    ("greet-1.0.0-py3-none-win_amd64.manylinux2014_x86_64.whl", "wheel?"),
    ("greet-1.0.0.whl", "wheel?"),
    ("greet-1.0.0-py3-none-any.whl.publish.attestation", "signature"),
    ("greet-1.0.0.tar.gz", "archive?"),
];

/// Writes what was recognised in the form of the table.
fn shown(name: &str) -> String {
    let found = recognise(name, None);
    let kind = serde_json::to_string(&found.kind).expect("a word");
    let doubt = if found.doubt.is_some() { "?" } else { "" };
    let target = found.target().map(|target| format!(" {target}")).unwrap_or_default();
    format!("{}{doubt}{target}", kind.trim_matches('"'))
}

#[test]
fn names_of_real_releases_say_what_their_projects_meant() {
    let wrong: Vec<String> = NAMES
        .iter()
        .map(|(name, expected)| (name, expected.trim_end(), shown(name)))
        .filter(|(_, expected, found)| expected != found)
        .map(|(name, expected, found)| format!("{name}: expected {expected}, found {found}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), NAMES.len(), wrong.join("\n"));
}

#[test]
fn the_version_is_no_part_of_the_platform() {
    let target = |name, version| recognise(name, Some(version)).target().map(|it| it.to_string());
    assert_eq!(target("greet_1.0.386_linux_amd64.zip", "1.0.386").as_deref(), Some("linux/amd64"));
    assert_eq!(target("greet-linux-amd64-1.2.3", "1.2.3").as_deref(), Some("linux/amd64"));
    assert_eq!(target("greet-linux-amd64-v1.2.3", "1.2.3").as_deref(), Some("linux/amd64"));
    assert_eq!(
        target("greet-1.0.0-arm.1-linux-amd64.zip", "1.0.0-arm.1").as_deref(),
        Some("linux/amd64")
    );
}

#[test]
fn a_doubt_says_which_half_is_missing_or_double() {
    let doubt = |name| recognise(name, None).doubt.expect(name);
    assert_eq!(doubt("k3s-arm64"), "no operating system in its name");
    assert_eq!(doubt("solc-static-linux"), "no architecture in its name");
    assert_eq!(doubt("node-v22.tar.xz"), "no platform in its name");
    assert_eq!(
        doubt("gcc-arm-none-eabi-linux-x86_64.tar.xz"),
        "its name has two architectures, arm and amd64"
    );
    assert_eq!(
        doubt("windows-terminal_linux_amd64.zip"),
        "its name has two operating systems, windows and linux"
    );
    assert_eq!(doubt("greet_linux_amd64.exe"), "its name says linux, its ending windows");
}

proptest::proptest! {
    #[test]
    fn any_name_is_recognised_without_a_panic(name in "\\PC{0,60}", version in "\\PC{0,8}") {
        let _ = recognise(&name, Some(&version));
    }

    #[test]
    fn names_made_of_known_words_never_say_a_platform_that_is_not_in_them(
        words in proptest::collection::vec(
            proptest::sample::select(vec!["greet", "linux", "darwin", "amd64", "arm64", "musl", "1.0.0", "x64"]), 1..6),
    ) {
        let name = format!("{}.tar.gz", words.join("-"));
        if let Some(target) = recognise(&name, None).target() {
            proptest::prop_assert!(words.contains(&target.os.as_str()), "{name}: {target}");
            let word = target.arch.as_str();
            let said = words.contains(&word) || (word == "amd64" && words.contains(&"x64"));
            proptest::prop_assert!(said, "{name}: {target}");
        }
    }
}
