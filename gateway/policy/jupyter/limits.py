"""How much one session may ask of its kernel in view mode. Time is in seconds."""

from __future__ import annotations

MAX_MESSAGE = 32 * 2**20
"""Bytes of one message with its buffers: a file that a visitor hands to an upload widget comes in one."""

MAX_JSON = 4 * 2**20
"""Bytes of one message that are JSON, which takes our time to read. What a cell printed comes back in one
where it is shown by a widget."""

MAX_HEADER = 4 * 2**10
"""Bytes of a header."""

MAX_WORD = 128
"""Characters of an id, or of any other text in a header."""

MAX_DEPTH = 64
"""How deep arrays and objects may lie in each other."""

MAX_DIGITS = 20
"""Characters of a whole number: a 64-bit one has so many with its sign."""

MAX_BUFFERS = 256

MAX_INPUT = 64 * 2**10
"""Characters a visitor may type where a cell asks for a line."""

PART = 16.0
"""Bytes that a value counts for beside its own: `{}` takes as long to read as so many of a text. Values are
counted from above, signs in texts too."""

MAX_SUBSHELLS = 16
"""Threads of a kernel that answer while a cell runs. A page takes one for each sort of widget."""

MAX_CONTROLS = 16
"""Comms that a session's pages may leave open in the kernel, where each takes 5 KiB. One more closes the
oldest."""

MAX_OPENED = 1000
"""Comms that a session's pages may ever open: one for each time that a page loads. A page that gets none asks
each widget for itself (ipywidgets, base-manager, `_loadFromKernelModels`)."""

MAX_COMMS = 10_000
"""Comms we remember; beyond that the oldest are forgotten."""

ABORTING = 0.1
"""How long after a refused cell the ones that come behind it are taken for parts of the same "Run all"."""
