#!/usr/bin/env bash
# What the chaos tests need beside an engine: libfaketime and `ip`, those that are there, else Debian's, installed
# by root. Elsewhere the tests that need them are left out and say so.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

packages=()
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || packages+=(libfaketime)
command -v ip >/dev/null || packages+=(iproute2)

if [ ${#packages[@]} -eq 0 ]; then
  say "libfaketime and ip are there"
elif is_root && is_debian; then
  apt_install "${packages[@]}"
else
  say "without ${packages[*]}, which only root on Debian can have installed here, some chaos tests are skipped"
fi
