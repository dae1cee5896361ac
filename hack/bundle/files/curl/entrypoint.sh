#!/bin/sh
# Runs curl, also where only its arguments are given; any other program as it is.
set -e
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ]; then
  set -- curl "$@"
fi
exec "$@"
