"""The gateway as it is, but for how fast a reader may speak: else nearly all would be refused for that alone.

Run as `python -m tests.hunt.unpaced`, with the arguments of `warmgate`. How often a whole state may be asked
for stays as it is: that is the server's work, and no rule's.
"""

from __future__ import annotations

from gateway.cli import main
from gateway.policy import pace

WITHOUT_END = 1e15


def unpace() -> None:
    """Let everything through at once."""
    pace.MESSAGES_AT_ONCE = pace.BYTES_AT_ONCE = WITHOUT_END


if __name__ == "__main__":
    unpace()
    main()
