#!/bin/bash
# demo.sh BUILD: waypost's main job as it happens, in a folder of its own, as any user, without DNS and without a
# network: an SMTP sink on loopback plays the recipients' servers and a smarthost. Ends by itself and leaves nothing behind.
# It takes some seconds; the limits are those of a machine that is busy with other things.
set -euo pipefail

build=$(cd "${1:?the folder with the programs}" && pwd)
export WAYPOST_HOME
WAYPOST_HOME=$(mktemp -d "${TMPDIR:-/tmp}/waypost-demo-XXXXXX")
sink_pid='' tree_pid=''

# end PID: asks a process of ours to end, and waits until it has.
end() { kill -TERM "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }
stop() {
  [ -z "$tree_pid" ] || end "$tree_pid"
  [ -z "$sink_pid" ] || end "$sink_pid"
  tree_pid='' sink_pid=''
}
leave() {
  status=$?
  trap - EXIT INT TERM
  stop
  if [ "$status" != 0 ]; then echo "--- the demo failed; its log:"; cat "$WAYPOST_HOME/log" "$WAYPOST_HOME/sink"; fi
  rm -rf "$WAYPOST_HOME"
  exit "$status"
} >&2
trap leave EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
begun=$SECONDS
title() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
run() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; "$@"; }
waypost() { "$build/waypost" "$@"; }
sendmail() { "$build/waypost-inject" "$@"; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $until ]; then echo "demo: waited too long for $what" >&2; exit 1; fi
    sleep 0.05
  done
}
both_by_smarthost() { [ "$(grep -c '^\[smarthost\] got mail' "$WAYPOST_HOME/sink")" -ge 2 ]; }
arrived() { grep -qF -- "$1" "$WAYPOST_HOME/sink"; }
id_of() { waypost list --json | grep -F "$1" | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -n 1; }

# What came to the sink since it was last told, indented. Of notices the first is shown, up to its part for programs.
told=0
tell() {
  local now
  now=$(wc -l < "$WAYPOST_HOME/sink") # more may come while this is told: it is for the next time
  head -n "$now" "$WAYPOST_HOME/sink" | tail -n "+$((told + 1))" | awk '
    / got mail from <> / { notices++; parts = 0 }
    /^listening/ { next }
    /\]   \| / || /\]   \|$/ {
      if ($0 ~ /\]   \| --/) parts++
      if (notices == 1 && parts == 2) print "    " $1 "   | ..."
      if (parts == 2) parts++
      if (notices > 1 || parts > 1) next
    }
    { print "    " $0 }'
  told=$now
}

title "A mail server and a smarthost on loopback (demo/waypost-sink)"
"$build/waypost-sink" -g 'greylisted@[127.0.0.1]' -r 'nobody@[127.0.0.1]' \
  server=127.0.0.1:0 smarthost=127.0.0.1:0 > "$WAYPOST_HOME/sink" 2>&1 &
sink_pid=$!
wait_for 30 "the sink" arrived 'listening smarthost'
cat "$WAYPOST_HOME/sink"
server_port=$(sed -n 's/^listening server .*://p' "$WAYPOST_HOME/sink")
smarthost_port=$(sed -n 's/^listening smarthost .*://p' "$WAYPOST_HOME/sink")

title "The configuration"
mkdir -p "$WAYPOST_HOME/etc" "$WAYPOST_HOME/spool"
cat > "$WAYPOST_HOME/etc/waypost.toml" <<TOML
hostname = "demo.example"
expire_after = "4d"
retry = [$(printf '"1s", %.0s' {1..60})]
queue_free_min = ["1MB"]

[transport.direct]          # straight to the recipient's server: here all on loopback, on one port
port = $server_port
local_hosts = true
tls = "off"

[transport.smarthost]
type = "smtp"
host = "127.0.0.1"
port = $smarthost_port
local_hosts = true
tls = "off"

[transport.dead-end]        # nobody listens there: its mail stays, so that we can look at it
type = "smtp"
host = "127.0.0.8"
port = $server_port
local_hosts = true

[[route]]
to = ["[127.0.0.7]"]
transport = "dead-end"

[[route]]                   # what could not be delivered in three attempts
attempt = 4
transport = "smarthost"
TOML
sed 's/^retry = .*/retry = ["1s", "1s", ...]/' "$WAYPOST_HOME/etc/waypost.toml" | sed 's/^/    /'
# A temporary folder may be a tmpfs, which forgets; for a demo that is no matter.
touch "$WAYPOST_HOME/spool/allow-unsafe-fs"
waypost config check "$WAYPOST_HOME/etc/waypost.toml"

title "The whole tree, as user $(id -un), in $WAYPOST_HOME"
mkfifo "$WAYPOST_HOME/ready"
exec 3<> "$WAYPOST_HOME/ready"
"$build/waypost-start" -d 3 2> "$WAYPOST_HOME/log" &
tree_pid=$!
read -r -t 30 -u 3 || { echo "demo: the tree does not come up" >&2; exit 1; }
exec 3<&-
echo "ready: mail moves"

me='alice@[127.0.0.1]'
letter() { printf 'From: %s\nTo: %s\nSubject: %s\n\nHello from the demo.\n' "$me" "$1" "$2"; }

title "1. Mail that arrives at once"
letter 'bob@[127.0.0.1]' 'hello' | run sendmail -f "$me" 'bob@[127.0.0.1]'
wait_for 30 "the first message" arrived 'Subject: hello'
tell

title "2. Greylisted: delivered at the second attempt"
letter 'greylisted@[127.0.0.1]' 'patience' | run sendmail -f "$me" 'greylisted@[127.0.0.1]'

title "3. A server that refuses connections: the smarthost takes over at attempt 4"
letter 'carol@[127.0.0.9]' 'a long way' | run sendmail -f "$me" 'carol@[127.0.0.9]'

title "4. Refused for good: the sender gets a notice"
letter 'nobody@[127.0.0.1]' 'to nobody' | run sendmail -f "$me" 'nobody@[127.0.0.1]'

title "5. One message for four, who stand in its header: there, gone, by smarthost, and nowhere for now"
letter "bob@[127.0.0.1], nobody@[127.0.0.1],
  Carol <carol@[127.0.0.9]>, dave@[127.0.0.7]" 'to all of you' | run sendmail -t -f "$me"

title "What is in the queue, while it happens"
run waypost list

title "What arrives, in its order"
wait_for 30 "the greylisted message" arrived 'Subject: patience'
wait_for 30 "the notice" arrived 'got mail from <> to'
wait_for 30 "the message by the smarthost" arrived 'Subject: a long way'
wait_for 30 "the smarthost's part of the fifth message" both_by_smarthost
tell

title "What is left, and its whole story"
run waypost list
fifth=$(id_of 'dave@')
run waypost why "$fifth"

title "Which way would mail take?"
run waypost route "$me" 'carol@[127.0.0.9]'

title "The log tells a message's way by its id"
run grep -F "id=$fifth" "$WAYPOST_HOME/log"

stop
title "Done in $((SECONDS - begun)) s; nothing is left running"
cat <<NEXT
What to try next:
  make check                       every test
  README.md                        ten minutes with waypost
  mkdir -p \$HOME/mail && WAYPOST_HOME=\$HOME/mail $build/waypost-start
                                   a queue of your own; the configuration goes to \$HOME/mail/etc/waypost.toml
  make install install-system      as root: this machine's sendmail
NEXT
