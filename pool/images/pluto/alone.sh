#!/bin/sh
# Serves without a gateway, for those who start this image by hand. Pluto prints the address with its secret.
set -eu
: "${WARMGATE_TOKEN:=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}"
export WARMGATE_TOKEN
exec julia ${WARMGATE_SYSIMAGE:+--sysimage="$WARMGATE_SYSIMAGE"} --startup-file=no /opt/pluto/serve.jl 0.0.0.0 1234
