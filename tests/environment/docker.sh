#!/usr/bin/env bash
# Everything `make engine` promises: an engine that answers, the base image, warmgate/jupyter and
# warmgate/datascience. Quick when all is there.
# Exits 3 when no engine can be had on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

tests/environment/engine.sh
tests/environment/base_image.sh
.venv/bin/warmgate build datascience # and first warmgate/jupyter
