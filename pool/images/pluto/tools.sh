#!/bin/sh
# Is this base what was asked for, and has it what a build needs? Only the stage this runs in gets what is missing.
set -eu
fail() { printf '@warmgate {"error":"base","text":"%s"}\n' "$1"; exit 1; }

command -v julia >/dev/null || fail "there is no program julia in it"
have=$(julia --version | awk '{ print $3 }')
case $have in
  "") fail "its julia does not run" ;;
  0.* | 1.[0-4].*) fail "its julia is $have; 1.5 is the oldest that works" ;;
esac
if [ -n "${JULIA:-}" ]; then
  case $have in "$JULIA" | "$JULIA".* | "$JULIA"-*) ;; *) fail "its julia is $have, and $JULIA was asked for" ;; esac
fi
printf '@warmgate {"julia":"%s"}\n' "$have"

# A C compiler links the system image. Julia 1.5 downloads with curl.
missing=""
[ "${SYSIMAGE:-yes}" = no ] || command -v gcc >/dev/null || missing="gcc g++ libc6-dev"
case $have in 1.5.*) command -v curl >/dev/null || missing="$missing curl ca-certificates" ;; esac
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || fail "it lacks $missing, and there is no apt-get to install them"
  apt-get update -q
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi
# Debian ships the library without the name that linkers and PackageCompiler look for.
for library in /usr/lib/*/libjulia.so.1; do
  [ ! -e "$library" ] || [ -e "${library%.1}" ] || ln -s "$library" "${library%.1}"
done
