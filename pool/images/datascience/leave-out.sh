#!/bin/sh
# Installs an empty package that stands for those the file names, so that Debian does not bring them and still finds
# its dependencies in order: leave-out.sh FILE. A name Debian does not know is passed over, as is a newer Debian's.
set -eu
work=$(mktemp -d)
provides=
while read -r name; do
  version=$(apt-cache policy "$name" | sed -n 's/^  Candidate: //p')
  case $version in '' | '(none)') continue ;; esac
  provides="${provides:+$provides, }$name (= $version)"
done <"$1"
mkdir -p "$work/package/DEBIAN"
cat >"$work/package/DEBIAN/control" <<END
Package: warmgate-left-out
Version: 1
Architecture: $(dpkg --print-architecture)
Maintainer: warmgate
Description: stands for libraries of windows, sound and clusters that no notebook here uses
Provides: $provides
END
dpkg-deb --build "$work/package" "$work/package.deb"
dpkg -i "$work/package.deb"
rm -rf "$work"
