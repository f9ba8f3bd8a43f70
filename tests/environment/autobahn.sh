#!/usr/bin/env bash
# Autobahn|Testsuite, which runs on Python 2 only: autobahn.sh FOLDER leaves FOLDER/wstest to be run. Debian's last
# Python 2 is unpacked below FOLDER, not installed: the machine's own packages stay as they are.
# Needs apt with a Debian mirror, x86-64 and a C compiler; no root where these are there.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

readonly SUITE=bullseye # the last release of Debian that has Python 2
readonly VERSION=2.7.18-8+deb11u1
readonly PACKAGES=(
  "python2.7-minimal=$VERSION" "libpython2.7-minimal=$VERSION"
  "libpython2.7-stdlib=$VERSION" "libpython2.7-dev=$VERSION"
  libssl1.1=1.1.1w-0+deb11u1 libffi7=3.3-6
)
readonly LOCKS=$ROOT/tests/compliance/websocket
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly FETCH_LIMIT=180   # seconds for Debian's list of packages, and again for the packages
readonly INSTALL_LIMIT=600 # seconds for pip

mkdir -p "$1"
folder=$(cd "$1" && pwd)
root=$folder/root         # Debian's packages, unpacked
packages=$folder/packages # PyPI's
apt=$folder/apt           # what apt knows of SUITE, apart from what it knows of this machine

# What FOLDER was made from, so that it is made anew when one of these changes.
recipe() { cat "$0" "$LOCKS"/*.lock | sha256sum; }

# The mirror this machine uses itself.
mirror() {
  # shellcheck disable=SC2016 # these are apt's to fill in
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "Debian" && !found++ { print $3 }'
}

private_apt() {
  timeout "$FETCH_LIMIT" apt-get -q -o Dir::State="$apt" -o Dir::State::status=/dev/null -o Dir::Cache="$apt" \
    -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o APT::Sandbox::User= -o Acquire::Languages=none "$@" >&2
}

python2() {
  LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu PYTHONPATH=$packages "$root/usr/bin/python2.7" "$@"
}

need_machine() {
  if ! is_debian || [ "$(dpkg --print-architecture)" != amd64 ]; then
    say "Python 2 can only be had here from Debian, for x86-64; run this on such a machine or in such a container"
    exit 1
  fi
  local missing=()
  command -v x86_64-linux-gnu-gcc >/dev/null || missing+=(gcc libc6-dev)
  [ -r "$KEYRING" ] || missing+=(debian-archive-keyring)
  if [ ${#missing[@]} -ne 0 ] && ! is_root; then
    say "only root can have these installed here: apt-get install ${missing[*]}"
    exit 1
  fi
  if [ ${#missing[@]} -ne 0 ]; then
    apt_install "${missing[@]}"
  fi
}

unpack_python() {
  local from=${DEBIAN_MIRROR:-$(mirror)}
  if [ -z "$from" ] && is_root; then
    apt_update # without its lists apt does not know which of its sources are Debian's
    from=$(mirror)
  fi
  if [ -z "$from" ]; then
    say "apt knows no mirror of Debian here: name one with DEBIAN_MIRROR=…, or run apt-get update"
    exit 1
  fi
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$root"
  echo "deb [signed-by=$KEYRING] $from $SUITE main" >"$apt/sources.list"
  say "fetching Debian's Python $VERSION"
  if ! private_apt update || ! (cd "$apt" && private_apt download "${PACKAGES[@]}"); then
    say "$from does not have Debian $SUITE any more, or not these versions: name another mirror with DEBIAN_MIRROR=…"
    exit 1
  fi
  local package
  for package in "$apt"/*.deb; do
    dpkg -x "$package" "$root"
  done
}

install_suite() {
  say "installing Autobahn|Testsuite from PyPI"
  timeout "$INSTALL_LIMIT" "$ROOT/.venv/bin/python" -m pip --disable-pip-version-check install -qq --require-hashes \
    --no-deps --no-compile --only-binary=:all: --python-version 2.7 --target "$packages" -r "$LOCKS/python2.lock" >&2
  local include=$root/usr/include
  CFLAGS="-I$include -I$include/python2.7 -I$include/x86_64-linux-gnu/python2.7" PIP_NO_PYTHON_VERSION_WARNING=1 \
    python2 -m pip --disable-pip-version-check install -qq --require-hashes --no-deps --no-build-isolation \
    --target "$packages" -r "$LOCKS/autobahn.lock" >&2
  # pip has left this to a .pth file, which is only read in Python's own folders.
  touch "$packages/zope/__init__.py"
}

write_command() {
  cat >"$folder/wstest" <<EOF
#!/bin/sh
export LD_LIBRARY_PATH='$root/usr/lib/x86_64-linux-gnu' PYTHONPATH='$packages'
exec '$root/usr/bin/python2.7' -u -W ignore -c 'from autobahntestsuite.wstest import run; run()' "\$@"
EOF
  chmod +x "$folder/wstest"
}

if [ -x "$folder/wstest" ] && recipe | cmp -s - "$folder/recipe"; then
  say "Autobahn|Testsuite is there"
  exit 0
fi
need_machine
rm -rf "$root" "$packages" "$apt" "$folder/recipe"
unpack_python
install_suite
write_command
"$folder/wstest" --autobahnversion >&2
rm -rf "$apt"
recipe >"$folder/recipe"
say "Autobahn|Testsuite was made ready"
