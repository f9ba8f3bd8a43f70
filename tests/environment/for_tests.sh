#!/usr/bin/env bash
# What the tests need besides Python. Without an engine the Docker tests are left out, except where CI=true.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

status=0
"$here/docker.sh" || status=$?
if [ "$status" -eq "$NO_ENGINE" ] && [ "${CI:-}" != true ]; then
  say "going on without an engine: the Docker tests will be skipped"
elif [ "$status" -ne 0 ]; then
  say "the tests' engine or images could not be made ready"
  exit 1
else
  "$here/julia_image.sh"
  "$here/pluto_image.sh"
fi
"$here/chaos.sh"
"$here/browser.sh"
