#!/usr/bin/env bash
# A Docker engine that answers: the one that is there, else Debian's docker.io, installed and started by root.
# Exits 0 when an engine answers, 3 when none can be had here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly START_LIMIT=60 # seconds dockerd may take until it answers
readonly LOG=/var/log/warmgate-dockerd.log

install_engine() {
  local packages=(docker.io iptables ca-certificates)
  apt_update
  # Newer Debian releases ship the command line client as a package of its own.
  if apt-cache show docker-cli >/dev/null 2>&1; then
    packages+=(docker-cli)
  fi
  apt_install "${packages[@]}"
}

engine_pid=

start_engine() {
  if [ -d /run/systemd/system ]; then
    systemctl start docker
    return
  fi
  say "starting dockerd, its log is $LOG"
  # A session of its own and no open terminal: the engine outlives make.
  setsid nohup dockerd >>"$LOG" 2>&1 </dev/null &
  engine_pid=$!
}

wait_for_engine() {
  local waited
  for ((waited = 1; waited <= START_LIMIT; waited++)); do
    if engine_answers; then
      return 0
    fi
    if [ -n "$engine_pid" ] && ! kill -0 "$engine_pid" 2>/dev/null; then
      say "dockerd ended"
      return 1
    fi
    if ((waited % 5 == 0)); then
      say "waiting for dockerd ($waited s of $START_LIMIT s)"
    fi
    sleep 1
  done
  say "dockerd did not answer within $START_LIMIT s"
  return 1
}

if ! engine_answers; then
  if ! is_root || ! is_debian; then
    say "no Docker engine answers, and only root on Debian can have one installed here"
    exit "$NO_ENGINE"
  fi
  if ! { command -v dockerd && command -v docker; } >/dev/null && ! install_engine; then
    say "docker.io could not be installed"
    exit "$NO_ENGINE"
  fi
  if ! engine_answers && ! { start_engine && wait_for_engine; }; then
    say "the end of its log:"
    tail -n 15 "$LOG" >&2 || true
    exit "$NO_ENGINE"
  fi
fi
say "Docker $(docker version --format '{{.Server.Version}}') answers"
