"""What one case is: the bytes a visitor sends, and what must come of them on both sides of the gateway."""

from __future__ import annotations

from dataclasses import dataclass

CANARY_BODY = '{"type": "file", "format": "text", "content": "smuggled"}'


@dataclass(frozen=True, slots=True)
class Refused:
    """One answer, then the end of the connection; not a byte reaches the instance."""

    statuses: frozenset[int] = frozenset({400})


@dataclass(frozen=True, slots=True)
class Broken:
    """The same, for a fault in the body: the instance may have seen it begin, but never sees it end."""

    statuses: frozenset[int] = frozenset({400})


@dataclass(frozen=True, slots=True)
class Stopped:
    """The visitor stops in the middle: nothing whole reaches the instance, and the connection ends."""

    statuses: frozenset[int] = frozenset({400, 408})
    """Of the answer, if there is one."""


@dataclass(frozen=True, slots=True)
class AnsweredHere:
    """The gateway answers by itself; nothing reaches the instance. The connection goes on, or ends."""

    statuses: frozenset[int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as the instance gets it, besides what the gateway adds to every request."""

    method: str
    fields: tuple[str, ...] = ()
    body: str = ""
    target: str = "{target}"
    version: str = "1.1"
    """Of the visitor's request, as `Via` tells it."""
    host: bool = True
    """Whether the visitor said which host is meant."""
    status: int = 200
    """With which the scripted instance answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Each request arrives exactly so, is answered in its turn, and the connection goes on."""

    arrivals: tuple[Arrival, ...]
    closes: bool = False
    """Whether the connection ends behind the last answer."""
    follow: str = "{next}"
    """What is sent on the same connection afterwards."""
    refuses_next: bool = False
    """Whether what follows is refused, and the connection ended."""


@dataclass(frozen=True, slots=True)
class Either:
    """The RFC leaves it open: refused, or understood exactly so."""

    refused: Refused | Broken | AnsweredHere
    answered: Answered


Outcome = Refused | Broken | Stopped | AnsweredHere | Answered | Either


@dataclass(frozen=True, slots=True)
class Case:
    """`sent` and `then` are Latin-1 templates, filled in by `Site.encoded`."""

    id: str
    section: str
    """RFC and section."""
    sent: str
    outcome: Outcome
    then: str = ""
    """Sent when the first answer to `sent`, perhaps an interim one, has come."""
    half_closed: bool = False
    """Whether the visitor closes their sending side behind it."""
    argued: str = ""
    """Why the outcome is not the strictest one that the case's source would pass."""

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Site:
    """Where cases are played: a session's base, the Host that names it, and paths of its server."""

    base: str
    host: str
    path: str
    """Of an address that answers GET with 200."""
    canary: str
    """Of an address that nobody may reach by a request inside another request."""

    @property
    def next(self) -> str:
        """A request that is as it should be, and to be answered with 200."""
        return f"GET {self.base}{self.path}?next HTTP/1.1\r\nHost: {self.host}\r\n\r\n"

    @property
    def smuggled(self) -> str:
        """A request that would show at the instance."""
        return (
            f"PUT {self.base}{self.canary} HTTP/1.1\r\nHost: {self.host}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(CANARY_BODY)}\r\n\r\n{CANARY_BODY}"
        )

    def fill(self, template: str) -> str:
        """Fill in the names in braces. `{length}` counts the bytes behind the template's first empty line,
        `{size}` those of `{smuggled}` in hexadecimal, `{size_line}` those of the line that tells it.
        """
        size = f"{len(self.smuggled):x}"
        names = {
            "{smuggled}": self.smuggled,
            "{next}": self.next,
            "{target}": self.base + self.path,
            "{base}": self.base,
            "{host}": self.host,
            "{size}": size,
            "{size_line}": str(len(size) + 2),
        }
        for name, value in names.items():
            template = template.replace(name, value)
        return template.replace("{length}", str(len(template.partition("\r\n\r\n")[2])))

    def encoded(self, template: str) -> bytes:
        """Return what goes over the wire."""
        return self.fill(template).encode("latin-1")


def request(line: str, *fields: str, body: str = "") -> str:
    """Return a template of a request with exactly these fields."""
    return "\r\n".join((line, *fields, "", body))


def get(*fields: str, method: str = "GET", body: str = "", version: str = "HTTP/1.1") -> str:
    """Return a template of a request with a good line and a good Host field."""
    return request(f"{method} {{target}} {version}", "Host: {host}", *fields, body=body)


def post(*fields: str, body: str = "", version: str = "HTTP/1.1") -> str:
    """Return the same with POST."""
    return get(*fields, method="POST", body=body, version=version)


def chunked(body: str) -> str:
    """Return a POST whose chunks are written out in `body`."""
    return post("Transfer-Encoding: chunked", body=body)


def arrives(method: str, *fields: str, body: str = "") -> Answered:
    """Return the outcome of one good request."""
    return Answered((Arrival(method, fields, body),))


REFUSED = Refused()
BROKEN = Broken()
NO_SUCH_CODING = Refused(frozenset({400, 501}))
"""501 says that a coding is unknown, 400 that the body's end is (RFC 9112 sections 6.1 and 6.3)."""
NO_SUCH_VERSION = Refused(frozenset({400, 505}))
TOO_LARGE = Refused(frozenset({414, 431}))
NO_SUCH_METHOD = Refused(frozenset({400, 501}))
NOT_ALLOWED = AnsweredHere(frozenset({405}))
NOWHERE = AnsweredHere(frozenset({400, 404}))
"""The path names nothing; the request itself is well-formed."""
