"""What a notebook's page does inside a frame of the gateway's: a script for its head."""

from pool.kinds.framed.script import script

__all__ = ["script"]
