# shellcheck shell=bash
# What the environment scripts share. Sourced, never run.

# Exit code for "no engine can be had on this machine"; the tests that need one are then left out.
export NO_ENGINE=3

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }

is_root() { [ "$(id -u)" -eq 0 ]; }

is_debian() { [ -r /etc/debian_version ] && command -v apt-get >/dev/null; }

# Does a Docker engine answer, asked as the gateway would?
engine_answers() { "$ROOT/.venv/bin/python" "$ROOT/tests/environment/engine_answers.py"; }

apt_update() { timeout 120 apt-get update -q >&2; }

# apt_install PACKAGE...: from Debian, at most 10 minutes, with its output so that nobody waits blind.
apt_install() {
  say "installing $* from Debian"
  [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt_update
  DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y -q --no-install-recommends "$@" >&2
}
