"""Ids and tokens. All that is secret about an instance follows from its id and the gateway's secret, so that
neither labels nor the journal hold a secret and a restarted gateway finds every session again.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANCE_ID_BYTES = 10
SESSION_ID_BYTES = 16
TOKEN_BYTES = 24
HOST_LABEL_BYTES = 10
SHORT = 8
"""Characters of an instance id that go into logs."""


def _base32(raw: bytes) -> str:
    # Lower case letters and digits only: a session id must also fit a host name, which knows no case.
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def short(instance_id: str) -> str:
    """Return the part of an instance id that logs show."""
    return instance_id[:SHORT]


class Identities:
    """Makes instance ids, and from each its session id and its server's token.

    `random_bytes` is `os.urandom` or a test's own. An instance serves at most one visitor in its life, so one
    session id an instance is enough, and as instance ids are never repeated neither are session ids.
    """

    def __init__(self, secret: str, random_bytes: Callable[[int], bytes]) -> None:
        self._secret = secret.encode()
        self._random_bytes = random_bytes

    def _derive(self, purpose: str, of: str, size: int) -> bytes:
        return hmac.digest(self._secret, f"{purpose}:{of}".encode(), "sha256")[:size]

    @property
    def fingerprint(self) -> str:
        """Names the secret without telling it: an instance made with another one cannot be reached."""
        return self._derive("fingerprint", "", 6).hex()

    def new_instance_id(self) -> str:
        """Return 80 random bits as 16 characters."""
        return _base32(self._random_bytes(INSTANCE_ID_BYTES))

    def session_id(self, instance_id: str) -> str:
        """Return the unguessable part of the instance's path: 128 bits as 26 characters of `a-z2-7`."""
        return _base32(self._derive("session", instance_id, SESSION_ID_BYTES))

    def host_label(self, session_id: str) -> str:
        """Return the label of the session's own host: 80 bits as 16 characters of `a-z2-7`.

        Host names are seen in DNS, in TLS and by proxies. So it is a digest of the id under our secret: it
        leads nobody to the id, and opens nothing. As ids are never repeated, neither are labels.
        """
        return _base32(self._derive("host", session_id, HOST_LABEL_BYTES))

    def token(self, instance_id: str) -> str:
        """Return what opens the instance's server."""
        return self._derive("token", instance_id, TOKEN_BYTES).hex()

    def without_secrets(self, text: str, instance_id: str) -> str:
        """Return what an instance wrote without what would open it."""
        for secret in (self.token(instance_id), self.session_id(instance_id)):
            text = text.replace(secret, "…")
        return text
