"""Which version runs, and in which form."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

VERSION = version("warmgate")

# Looked for, not imported: the command line tells its version without waiting for half the gateway.
_relay = find_spec("gateway.proxy.exchange")

COMPILED = _relay is not None and not str(_relay.origin).endswith(".py")
"""Whether the relay runs as machine code; see `make compiled`."""

TOLD = f"{VERSION} ({'compiled' if COMPILED else 'interpreted'})"
