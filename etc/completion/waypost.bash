# bash completion of waypost. What there is it asks waypost itself (`waypost help`, `waypost COMMAND --help`), so that
# it knows every command and every option of the one that is installed. Installed as share/bash-completion/completions/waypost.

_waypost_commands() {
  "$1" help 2>/dev/null | sed -n 's/^  \([a-z-][a-z-]*\) .*/\1/p'
}

# Options, and the words that follow the command's name in its usage (`waypost-config check`).
_waypost_options() {
  "$1" "$2" --help 2>&1 </dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
}

_waypost_words() {
  "$1" "$2" --help 2>&1 </dev/null | sed -n "s/.*waypost[ -]$2 \([a-z][a-z-]*\).*/\1/p" | sort -u
}

# The oldest thousand; the list ends when nobody reads on.
_waypost_ids() {
  "$1" list --json 2>/dev/null | sed -n 's/^{"id":"\([0-9a-z.]*\)".*/\1/p' | head -n 1000
}

_waypost_transports() {
  "$1" status --json 2>/dev/null | sed -n 's/.*"transports":\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | tr -d '"'
}

# What the option before the word takes; fails when it takes nothing that is known here.
_waypost_values() {
  case $2 in
    --id) _waypost_ids "$1" ;;
    --transport | --last-transport) _waypost_transports "$1" ;;
    --class) printf '%s\n' blocked greylisted rate auth tls unreachable dns mailbox content other ;;
    --older) printf '%s\n' 30m 4h 2d ;;
    --from | --to | --domain | --account | --most) : ;;
    *) return 1 ;;
  esac
}

_waypost() {
  local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]}
  local before=${COMP_WORDS[COMP_CWORD - 1]} words IFS=$'\n'
  COMPREPLY=()
  # `--id=X` comes as three words.
  [ "$word" = = ] && word=
  [ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD - 2]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=$(_waypost_commands "$program")
  elif [ "$command" = start ] || ! _waypost_commands "$program" | grep -qx -e "$command"; then
    return # nothing to complete, or no command that is known to understand --help
  elif [ "$before" = --output ] || [ "$before" = --config ]; then
    COMPREPLY=($(compgen -f -- "$word"))
    return
  elif words=$(_waypost_values "$program" "$before"); then
    :
  elif [[ $word == -* ]]; then
    words=$(_waypost_options "$program" "$command")
  else
    case $command in
      list | why | show | hold | release | kick | requeue | bounce | drop) words=$(_waypost_ids "$program") ;;
      *) words=$(_waypost_words "$program" "$command") ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}

complete -F _waypost waypost
