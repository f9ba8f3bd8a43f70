"""Pools of a small app, quick to start: for tests of everything that does not depend on Jupyter."""

from __future__ import annotations

import base64
from pathlib import Path

SERVER = Path(__file__).with_name("instance_server.py")


def app_pool(name: str = "app", *, warm: int = 1, most: int = 4, more: str = "") -> str:
    """Return one entry of `[[pools]]` for the process engine."""
    return f"""
[[pools]]
name = "{name}"
kind = "generic"
command = ["python3", "{SERVER}", "{{ip}}", "{{port}}"]
memory = "128MiB"
sizing = "static"
warm = {warm}
max = {most}
{more}
"""


def container_pool(name: str = "app", *, warm: int = 1, most: int = 4, more: str = "") -> str:
    """Return the same for Docker, in the image that is there anyway."""
    # Encoded, as braces in it would be taken for something to fill in.
    encoded = base64.b64encode(SERVER.read_bytes()).decode()
    source = f"import base64; exec(base64.b64decode('{encoded}'))"
    return f"""
[[pools]]
name = "{name}"
kind = "generic"
image = "warmgate/jupyter"
command = ["python3", "-c", "{source}", "{{ip}}", "{{port}}"]
port = 8000
tmpfs = ["/tmp"]
memory = "128MiB"
sizing = "static"
warm = {warm}
max = {most}
{more}
"""
