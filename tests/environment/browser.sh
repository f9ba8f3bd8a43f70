#!/usr/bin/env bash
# A Chromium for the browser tests: the one that is there, else Debian's, installed by root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    say "$(command -v "$name") is there"
    exit 0
  fi
done
if is_root && is_debian; then
  apt_install chromium fonts-dejavu-core
  say "$(command -v chromium) is there"
else
  say "no Chromium, and only root on Debian can have one installed here: install chromium yourself"
  exit 1
fi
