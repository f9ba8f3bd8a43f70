#!/usr/bin/env bash
# Compiles the relay in a copy of the sources: compiled.sh FOLDER. The wheel is in FOLDER/dist.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

folder=$1
python="$ROOT/.venv/bin/python"

headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
if ! command -v cc >/dev/null || [ ! -r "$headers/Python.h" ]; then
  if ! is_root || ! is_debian; then
    say "needs a C compiler and Python's headers; on Debian and Ubuntu: sudo apt-get install gcc libc6-dev python3-dev"
    exit 1
  fi
  apt_install gcc libc6-dev
  [ -r "$headers/Python.h" ] || apt_install python3-dev
fi

# In a copy, because the machine code is put beside its sources and would be taken for them ever after.
say "compiling the relay in $folder, about a minute"
rm -rf "$folder"
mkdir -p "$folder"
tar -C "$ROOT" --exclude-vcs --exclude=./.venv --exclude=./.bench --exclude=./build --exclude=./bench/out \
  --exclude=__pycache__ -cf - . | tar -C "$folder" -xf -
cd "$folder"
HATCH_BUILD_HOOKS_ENABLE=1 "$python" -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation \
  --wheel-dir dist .
