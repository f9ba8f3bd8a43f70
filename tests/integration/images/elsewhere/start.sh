#!/bin/bash
# As docker-stacks' own: says what it does, changes users where it is root, and becomes the command.
set -e
unset IPYTHONDIR JUPYTER_RUNTIME_DIR XDG_CACHE_HOME MPLCONFIGDIR PYTHONDONTWRITEBYTECODE MALLOC_ARENA_MAX
echo "Entered start.sh with args:" "$@"
if [ "$(id -u)" -eq 0 ]; then
  echo "this stand-in knows no root" >&2
  exit 1
fi
if [ "$(id -un)" != jovyan ] || [ ! -w /home/jovyan ]; then
  echo "no write access to /home/jovyan" >&2
fi
echo "Executing the command:" "$@"
exec "$@"
