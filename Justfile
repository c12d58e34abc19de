# Landfall's own recipes; those of a release come from scripts/release.just, which users import too.

import 'scripts/release.just'

set allow-duplicate-recipes

# The programs built here are found without installing them.
export PATH := justfile_directory() / "target/release:" + justfile_directory() / "target/debug:" + env("PATH")

# List the recipes
[private]
default:
    @just --list --unsorted

# Release the sample project against local stand-ins, from a fresh clone
[group('release')]
[positional-arguments]
rehearse tag *folder:
    @./scripts/rehearse "$@"

# Run every test that needs no long compilation first
[group('develop')]
test:
    @./scripts/test

# Run every test, also those whose clients must be compiled
[group('develop')]
test-all:
    @./scripts/test --all

# Run what continuous integration runs
[group('develop')]
ci:
    @CI=true ./.ci/run

# Measure against the figures to beat
[group('develop')]
bench:
    @cargo build --release -p checksum
    @./tools/checksum/benches/hashing.sh

# Print the JSON Schema of distribution.json
[group('develop')]
schema:
    @cargo run --quiet -p channels -- schema
