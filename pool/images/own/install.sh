#!/bin/sh
# Installs an author's requirements: install.sh PYTHON FILE. pip asks for every hash when the file has one.
set -eu
if [ -e /build/ca-bundle.crt ]; then export PIP_CERT=/build/ca-bundle.crt; fi
"$1" -m pip install --no-cache-dir --disable-pip-version-check --progress-bar off --prefer-binary -r "$2"
# An optional check that comes with Jupyter's packages and costs a server a second of its start.
"$1" -m pip uninstall --quiet --yes rfc3987-syntax
