#!/usr/bin/env bash
# The image everything is built from: from its registry when that answers soon, else made from Debian's mirror.
# Needs an engine that answers; making it from the mirror needs root and debootstrap.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly IMAGE=debian:bookworm-slim
readonly SUITE=bookworm
readonly PULL_LIMIT=60  # seconds for the registry
readonly MAKE_LIMIT=600 # seconds for debootstrap

slim() {
  # What a container never reads; the same folders Docker's own slim image leaves out.
  rm -rf "$1"/usr/share/{doc,man,info,locale,lintian} "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/*
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$1/etc/dpkg/dpkg.cfg.d/slim"
}

make_from_mirror() {
  local root=$1 mirror
  timeout "$MAKE_LIMIT" debootstrap --variant=minbase "$SUITE" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} |
    awk 'NR % 25 == 0 { print "  " $0; fflush() }' >&2
  # As in Debian's own image, apt finds security updates too, at the mirror debootstrap has used.
  mirror=$(awk '$1 == "deb" { print $2; exit }' "$root/etc/apt/sources.list")
  mirror=${mirror%/}
  printf 'deb %s %s main\n' \
    "$mirror" "$SUITE" "$mirror" "$SUITE-updates" "${mirror%/debian}/debian-security" "$SUITE-security" \
    >"$root/etc/apt/sources.list"
  slim "$root"
}

if docker image inspect "$IMAGE" >/dev/null 2>&1; then
  say "$IMAGE is there"
  exit 0
fi

say "pulling $IMAGE (at most $PULL_LIMIT s)"
if timeout "$PULL_LIMIT" docker pull --quiet "$IMAGE" >/dev/null 2>&1; then
  say "$IMAGE was pulled"
  exit 0
fi

if ! is_root; then
  say "no registry in reach, and only root can make $IMAGE from Debian's mirror"
  exit 1
fi
command -v debootstrap >/dev/null || apt_install debootstrap
say "no registry in reach: making $IMAGE with debootstrap (a minute or two)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_from_mirror "$work/root"
tar -C "$work/root" --numeric-owner -c . | docker import --change 'CMD ["bash"]' - "$IMAGE" >/dev/null
say "$IMAGE was made"
