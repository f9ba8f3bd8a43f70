"""How long and how much the relay waits for and holds. All named, all in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are seconds, sizes bytes. Tests shorten them; nothing else should need to."""

    keep_alive: float = 75.0
    """A visitor's connection may idle so long, or take over the head of a request."""
    connect: float = 5.0
    """For the instance's socket to accept. The kernel does that, however busy the server is."""
    first_byte: float = 300.0
    """From the whole request sent to the head of the answer: exporting a notebook runs it first."""
    upgrade: float = 120.0
    """The same for a websocket: Jupyter answers only after the kernel did, for which it waits 60 s itself."""
    client_body: float = 120.0
    """For the next bytes of an upload from the visitor."""
    short_body: float = 30.0
    """For the whole of a small body that a kind wants to see first."""
    client_stall: float = 600.0
    """For a visitor who takes no more bytes; a closed laptop gets this long."""
    upstream_stall: float = 300.0
    """For an instance that takes no more bytes."""
    half_closed: float = 5.0
    """For the answers to a visitor who has closed their sending side: a program may do so and still listen,
    but a page that was closed looks the same."""
    linger: float = 10.0
    """For the rest of an upload that was answered early, so that the answer is not lost to a reset."""
    linger_unreadable: float = 2.0
    """The same for bytes that are no request."""
    idle: float = 15.0
    """A connection to an instance is kept this long between requests; servers keep theirs longer."""
    flush: float = 10.0
    """For the last bytes of a closed connection to leave."""
    close_grace: float = 1.0
    """For a page to answer the Close frame we sent."""
    cause: float = 3.0
    """For the news that the instance has ended, once its connection broke: the engine tells of it only when
    all its processes are gone, and then the visitor can be told why."""
    idle_connections: int = 128
    """Connections to one instance kept between requests. A browser opens six, a proxy in front of us more."""
    connections: int = 256
    """Connections to one instance at once, websockets included; a browser never comes near."""
    judged: int = 16
    """Websockets of one session whose messages are judged, at once: each may hold one that is not whole, and
    one that its visitor does not take."""
    frames: float = 400.0
    """Frames a second a visitor may send on a websocket that is judged, signs of life included; a slider that
    is dragged sends sixty."""
    frames_at_once: int = 4000
    """So many more may come in a burst."""
    message_of_visitor: int = 16 * 2**20
    """Bytes of one message of a visitor's that is judged; a tunnel's have no limit."""
    message_of_instance: int = 64 * 2**20
    """The same of an instance's: a notebook's whole state with its pictures is one message."""
    reworked: int = 64 * 2**20
    """Bytes of answers that a policy changes, which must be whole for that; all of one session's together."""
    head: int = 64 * 1024
    """Bytes an answer's head, or its chunk extensions and trailers, may take."""


DEFAULT = Limits()
