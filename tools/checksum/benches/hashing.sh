#!/bin/sh
# How fast `checksum create` is beside coreutils' `sha256sum`, on the same files in the same run.
# Usage: tools/checksum/benches/hashing.sh [CHECKSUM]   (default: target/release/checksum)
# Needs 4.3 GB below $TMPDIR and GNU time for the peak memory. Read the ratios, not the seconds.
set -eu

program=$(realpath "${1:-target/release/checksum}")
runs=5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
commit=$(printf 'a%.0s' $(seq 40))

# The same bytes again and again: no digest is faster for knowing them.
fill() { head -c "$2" /dev/zero | tr '\0' "$3" >"$1"; }

mkdir "$folder/one" "$folder/twenty" "$folder/thousands"
fill "$folder/one/greet-linux-amd64" 2147483648 a
for number in $(seq 20); do
  fill "$folder/twenty/greet$number-linux-amd64" 104857600 b
done
fill "$folder/small" 40960000 c
split -a 4 -d -b 4096 --additional-suffix=-linux-amd64 "$folder/small" "$folder/thousands/greet-"

# Prints the median of seconds, and the largest peak in MiB, of a command run several times.
measure() {
  : >"$folder/times"
  for _ in $(seq "$runs"); do
    rm -rf "$dist/manifest.json" "$dist/checksums.txt" "$dist/.locks"
    start=$(date +%s%N)
    /usr/bin/time -a -o "$folder/peaks" -f %M "$@" >/dev/null 2>&1
    end=$(date +%s%N)
    echo $((end - start)) >>"$folder/times"
  done
  median=$(sort -n "$folder/times" | sed -n "$((runs / 2 + 1))p")
  peak=$(sort -n "$folder/peaks" | tail -n 1)
  rm "$folder/peaks"
}

printf '%-18s %12s %12s %8s %10s\n' files sha256sum checksum ratio 'peak MiB'
for set in one twenty thousands; do
  dist=$folder/$set
  measure sh -c "find '$dist' -type f -print0 | xargs -0 -n 20000 sha256sum"
  coreutils=$median
  measure "$program" create v1.0.0 --quiet --dist "$dist" --commit "$commit"
  case $set in
  one) name='1 x 2 GiB' ;;
  twenty) name='20 x 100 MiB' ;;
  *) name='10,000 x 4 KiB' ;;
  esac
  echo "$name|$coreutils|$median|$peak" | awk -F'|' '{
    printf "%-18s %10.3f s %10.3f s %7.1fx %10.1f\n", $1, $2 / 1e9, $3 / 1e9, $2 / $3, $4 / 1024 }'
done
