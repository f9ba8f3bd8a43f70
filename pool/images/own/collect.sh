#!/bin/sh
# Tells what an installation has changed below /opt: `collect.sh before` it, and `after` it, when /build/new holds
# what came or changed and /build/new/opt/.gone the names of what went.
set -eu
export LC_ALL=C
names() { find /opt ! -type d | sort; }
case $1 in
before)
  names >/build/before
  touch /build/mark
  ;;
after)
  mkdir -p /build/new/opt
  # By the time of the last change, which unlike that of the content no installer can set.
  find /opt ! -type d -cnewer /build/mark -print0 |
    tar --create --null --files-from - --absolute-names | tar --extract --absolute-names \
    --transform 's,^/opt,/build/new/opt,' --directory /build/new
  names | comm -23 /build/before - >/build/new/opt/.gone
  ;;
esac
