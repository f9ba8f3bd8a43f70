#!/usr/bin/env bash
# The image that stands for an official image of Julia in tests: Debian bullseye with Julia 1.5.3, made from Debian's
# mirror, with the compiler and the downloader that a build would otherwise install each time.
# Needs an engine that answers, root and debootstrap.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly IMAGE=warmgate-tests/julia:bullseye
readonly LABEL=warmgate-tests.julia
readonly VERSION=1 # another one makes the image anew
readonly SUITE=bullseye
readonly MAKE_LIMIT=900 # seconds for debootstrap
readonly PACKAGES=julia,gcc,libc6-dev,curl,ca-certificates

if [ "$(docker image inspect --format "{{index .Config.Labels \"$LABEL\"}}" "$IMAGE" 2>/dev/null)" = "$VERSION" ]; then
  say "$IMAGE is there"
  exit 0
fi

if ! is_root; then
  say "only root can make $IMAGE from Debian's mirror"
  exit 1
fi
command -v debootstrap >/dev/null || apt_install debootstrap
say "making $IMAGE with debootstrap (two minutes)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timeout "$MAKE_LIMIT" debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$work/root" \
  ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} | awk 'NR % 40 == 0 { print "  " $0; fflush() }' >&2
rm -rf "$work"/root/usr/share/{doc,man,info,locale} "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/*
tar -C "$work/root" --numeric-owner -c . |
  docker import --change 'CMD ["bash"]' --change "LABEL $LABEL=$VERSION" - "$IMAGE" >/dev/null
say "$IMAGE was made"
