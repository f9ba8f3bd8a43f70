#!/usr/bin/env bash
# The image of notebooks that the tests serve, made by the command itself from tests/julia: warmgate-tests/pluto.
# Quick when nothing has changed; else some minutes, most of them for its system image.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/environment/lib.sh

readonly IMAGE=warmgate-tests/pluto

work=$(mktemp -d)
server=
cleanup() {
  rm -rf "$work"
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
}
trap cleanup EXIT

.venv/bin/python -m tests.julia.course "$work/course"
host=$(docker network inspect --format '{{ (index .IPAM.Config 0).Gateway }}' bridge)
.venv/bin/python -m tests.julia.package_server tests/julia/packages "$host" >"$work/address" &
server=$!
for _ in $(seq 100); do
  [ ! -s "$work/address" ] || break
  sleep 0.1
done
say "making $IMAGE, unless it is current"
# For one plain processor: an image for all kinds takes three times as long to make.
.venv/bin/warmgate build pluto --notebooks "$work/course" --tag "$IMAGE" --base warmgate-tests/julia:bullseye \
  --cpu-target generic --pkg-server "$(cat "$work/address")"
