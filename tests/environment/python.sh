#!/usr/bin/env bash
# Makes the Python environment: python.sh PYTHON FOLDER. Says what is missing when it cannot.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

python=$1
folder=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  say "needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1 || true)"
  say "name another one with: make PYTHON=/path/to/python3 ..."
  exit 1
fi
# Debian keeps what `python -m venv` needs in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if ! is_root || ! is_debian; then
    say "'$python' cannot make environments; on Debian and Ubuntu: sudo apt-get install python3-venv"
    exit 1
  fi
  apt_install python3-venv
fi
say "making $folder with $("$python" --version)"
"$python" -m venv "$folder"
