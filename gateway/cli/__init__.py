"""The `warmgate` command: one file a subcommand, imported when it is asked for."""

from gateway.cli.main import main

__all__ = ["main"]
