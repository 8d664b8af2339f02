#!/bin/bash
# check.sh BUILD: runs the demo and looks at what it showed; the last line is "N passed, N failed".
set -uo pipefail
here=$(dirname "$0")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/waypost-check-demo-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# holds WHAT COMMAND...
holds() {
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what"; fi
}
shows() { grep -qF -- "$1" "$tmp/output"; }
empty() { [ -z "$(ls -A "$1")" ]; }
# What has ended may take a moment to be gone.
none_left() {
  for _ in {1..100}; do
    pgrep -s "$session" >/dev/null || return 0
    sleep 0.1
  done
  return 1
}

mkdir "$tmp/folder"
begun=$SECONDS
TMPDIR="$tmp/folder" setsid --wait "$here/demo.sh" "$1" > "$tmp/output" 2>&1 &
session=$!
wait "$session"
status=$?
seconds=$((SECONDS - begun))

holds "it ends with 0" [ "$status" = 0 ]
holds "in seconds, not in minutes ($seconds)" [ "$seconds" -le 120 ] # five of them, where nothing else is done
holds "its folder is gone" empty "$tmp/folder"
holds "nothing runs" none_left
holds "a message arrives" shows 'Subject: hello'
holds "the greylisted one is sent away once" shows 'sends <greylisted@[127.0.0.1]> away once'
holds "and arrives" shows 'to <greylisted@[127.0.0.1]>: Subject: patience'
holds "the smarthost takes the one that was refused" \
  shows '[smarthost] got mail from <alice@[127.0.0.1]> to <carol@[127.0.0.9]>: Subject: a long way'
holds "the notice is shown" shows '550 5.1.1 <nobody@[127.0.0.1]>: no such user here'
holds "route names the rule" shows 'attempts 4 to'
[ "$failed" = 0 ] || cat "$tmp/output"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
