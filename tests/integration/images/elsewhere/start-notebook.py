#!/usr/bin/env python3
"""As docker-stacks' own: becomes `jupyter lab` with what it was given."""

import os
import shlex
import sys

command = ["jupyter", os.environ.get("DOCKER_STACKS_JUPYTER_CMD", "lab")]
command += shlex.split(os.environ.get("NOTEBOOK_ARGS", ""))
os.execvp(command[0], [*command, *sys.argv[1:]])
