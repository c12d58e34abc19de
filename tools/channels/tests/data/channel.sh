#!/bin/sh
# A channel in twenty lines: a release is a folder on $SHELF, a link says which one is the newest.
# shellcheck disable=SC2016,SC2034 # the words in single quotes are run by `unless`
set -eu; verb=$1 tag=${2:-} options=$* status=unchanged state=absent
[ "$verb" != describe ] || { echo '{"priority": 7, "variables": ["SHELF"]}'; exit; }
unless() { # CONDITION COMMAND: what is there is not made again, and a dry run makes nothing
    if eval "$1"; then return; fi
    case $options in *--dry-run*) status=planned ;; *) eval "$2"; status='done' ;; esac
}
new=$SHELF/.$tag old=$SHELF/$tag newest=$SHELF/newest
case $verb in
stage) unless '[ -d "$new" ] || [ -d "$old" ]' 'mkdir "$new"; cp dist/*.tar.gz "$new"' ;;
publish) unless '[ -d "$old" ]' 'mv "$new" "$old"' ;;
promote) unless '[ "$(readlink "$newest")" = "$tag" ]' 'ln -sfn "$tag" "$newest"' ;;
rollback) unless '[ ! -d "$old" ] && [ ! -d "$new" ]' 'rm -rf "$old" "$new"' ;;
*) status='done' ;; # check, verify, status: what the state says
esac
[ ! -d "$new" ] || state=staged; [ ! -d "$old" ] || state=published
echo "{\"status\": \"$status\", \"state\": \"$state\", \"url\": \"file:$old\"}"
[ "$verb/$state" != status/absent ] || exit 3
