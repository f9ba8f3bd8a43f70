"""Takes a secret out of a stream of bytes, wherever the stream happens to be cut. Pure.

Jupyter writes its token into the page it serves (`"token": "…"`). With the token gone, `"token": ""` is left,
and the page's own scripts then send none, which is right: the gateway adds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.proxy import answer

if TYPE_CHECKING:
    from gateway.proxy.fields import Named

HTML = (b"text/html", b"application/xhtml+xml")


def for_answer(secret: bytes, named: Named) -> Scrubber | None:
    """Return what takes `secret` out of an answer with these fields; None where none can be in it.

    Raises UpstreamInvalid for a page in a coding that would hide it.
    """
    if not secret:
        return None
    kinds = named.get(b"content-type")
    if kinds is not None and not any(kind.lower().startswith(HTML) for kind in kinds):
        return None
    answer.check_plain(named)
    return Scrubber(secret)


class Scrubber:
    """Removes every occurrence of `secret`. Holds back only what may be the beginning of one."""

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("an empty secret is everywhere")
        self._secret = secret
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what of the stream is certainly clean by now."""
        data = self._held + data
        while self._secret in data:
            # More than once, because taking one out may join the halves of another.
            data = data.replace(self._secret, b"")
        cut = len(data) - self._beginning(data)
        self._held = data[cut:]
        return data[:cut]

    def end(self) -> bytes:
        """Return what was held back: the stream is over, so it begins nothing."""
        rest, self._held = self._held, b""
        return rest

    def _beginning(self, data: bytes) -> int:
        """Return how many bytes at the end of `data` are a beginning of the secret."""
        first = self._secret[:1]
        at = data.find(first, max(0, len(data) - len(self._secret) + 1))
        while at != -1:
            if self._secret.startswith(data[at:]):
                return len(data) - at
            at = data.find(first, at + 1)
        return 0
