# Where "podlab exam goto" went, this shell goes as well.
unalias podlab 2>/dev/null || :
podlab() {
  command podlab "$@"
  set -- "$?"
  if [ -s <<quote .Move>> ]; then
    cd "$(cat <<quote .Move>>)" && rm -f <<quote .Move>>
  fi
  return "$1"
}

# Sets the mark of the prompt: the task, and the minutes that are left. When
# they have become few, it says so once.
__podlab_before=999999
__podlab_exam() {
  read -r __podlab_task < <<quote .Task>>
  __podlab_left=$(( (<<.Ends>> - $(date +%s) + 59) / 60 ))
  if [ "$__podlab_left" -le 0 ] || [ ! -e <<quote .While>> ]; then
    __podlab_mark=<<quote .Over>>
    return
  fi
  for __podlab_few in <<.Few>>; do
    if [ "$__podlab_left" -le "$__podlab_few" ] && [ "$__podlab_before" -gt "$__podlab_few" ]; then
      printf '%s\n' <<.Left>>
      break
    fi
  done
  __podlab_before=$__podlab_left
  __podlab_mark=<<.Prompt>>
}
