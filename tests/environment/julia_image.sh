#!/usr/bin/env bash
# The image that stands for an official image of Julia in tests: Debian bullseye with Julia 1.5.3, and with the compiler
# and the downloader that a build would otherwise install each time. From Debian's image where a registry answers soon,
# else made from Debian's mirror, which needs root and debootstrap. Needs an engine that answers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly IMAGE=warmgate-tests/julia:bullseye
readonly LABEL=warmgate-tests.julia
readonly VERSION=1 # another one makes the image anew
readonly SUITE=bullseye
readonly PULL_LIMIT=60  # seconds for the registry
readonly MAKE_LIMIT=900 # seconds for Debian's packages
readonly PACKAGES="julia gcc libc6-dev curl ca-certificates"

build_on_official() {
  timeout "$MAKE_LIMIT" docker build --quiet --label "$LABEL=$VERSION" --tag "$IMAGE" - >/dev/null <<EOF
FROM debian:$SUITE-slim
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $PACKAGES \
 && rm -rf /var/lib/apt/lists/*
EOF
}

make_from_mirror() {
  local root=$1
  timeout "$MAKE_LIMIT" debootstrap --variant=minbase --include="${PACKAGES// /,}" "$SUITE" "$root" \
    ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} | awk 'NR % 40 == 0 { print "  " $0; fflush() }' >&2
  rm -rf "$root"/usr/share/{doc,man,info,locale} "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
  tar -C "$root" --numeric-owner -c . |
    docker import --change 'CMD ["bash"]' --change "LABEL $LABEL=$VERSION" - "$IMAGE" >/dev/null
}

if [ "$(docker image inspect --format "{{index .Config.Labels \"$LABEL\"}}" "$IMAGE" 2>/dev/null)" = "$VERSION" ]; then
  say "$IMAGE is there"
  exit 0
fi

say "pulling debian:$SUITE-slim (at most $PULL_LIMIT s)"
if timeout "$PULL_LIMIT" docker pull --quiet "debian:$SUITE-slim" >/dev/null 2>&1; then
  say "adding Julia to it (a minute)"
  build_on_official
  say "$IMAGE was made"
  exit 0
fi

if ! is_root; then
  say "no registry in reach, and only root can make $IMAGE from Debian's mirror"
  exit 1
fi
command -v debootstrap >/dev/null || apt_install debootstrap
say "no registry in reach: making $IMAGE with debootstrap (two minutes)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_from_mirror "$work/root"
say "$IMAGE was made"
