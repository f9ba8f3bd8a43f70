"""What readers' pages get into their heads: a style and a script that take away what a reader cannot use."""

from __future__ import annotations

from pathlib import Path


def _read(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()


CALM = b"<style>" + _read("calm.css") + b"</style><script>" + _read("calm.js") + b"</script>"
"""Read once, when the gateway starts. Neither file holds what would end its element."""
