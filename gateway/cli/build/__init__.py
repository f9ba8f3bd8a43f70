"""`warmgate build`: make images. One file a subcommand; `making.py` is what they share."""

from gateway.cli.build.group import command

__all__ = ["command"]
