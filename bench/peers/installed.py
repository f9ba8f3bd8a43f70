"""Where tests/environment/peers.sh puts the peers that do not come from Debian."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".bench"
PYTHON = FOLDER / "python" / "bin" / "python"
NODE = FOLDER / "node"
"""The program itself: what PyPI's package puts beside `python` would start it as a child."""
CHP = FOLDER / "npm" / "node_modules" / ".bin" / "configurable-http-proxy"
