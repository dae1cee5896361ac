#!/bin/sh
# Runs what is in /docker-entrypoint.d, then the command.
set -e
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  for script in /docker-entrypoint.d/*; do
    if [ ! -x "$script" ]; then continue; fi
    case "$script" in
      *.envsh)
        # shellcheck disable=SC1090 # whatever is mounted there
        . "$script"
        ;;
      *.sh) "$script" ;;
    esac
  done
fi
exec "$@"
