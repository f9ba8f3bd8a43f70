#!/usr/bin/env bash
# libfaketime for the chaos tests: the one that is there, else Debian's, installed by root.
# Elsewhere the test of the stepped clock is left out and says so.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; then
  say "libfaketime is there"
elif is_root && is_debian; then
  apt_install libfaketime
  say "libfaketime was installed"
else
  say "no libfaketime, and only root on Debian can have it installed here"
fi
