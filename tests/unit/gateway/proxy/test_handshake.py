from __future__ import annotations

import pytest

from gateway.errors import BadRequest, UpstreamInvalid
from gateway.proxy.answer import Head
from gateway.proxy.fields import by_name
from gateway.proxy.handshake import accept, check, wanted

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
ASK = (
    (b"Upgrade", b"WebSocket"),
    (b"Connection", b"keep-alive, Upgrade"),
    (b"Sec-WebSocket-Key", KEY),
)
GRANT = (
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Accept", ACCEPT),
)
V11 = (1, 1)


def test_the_rfcs_own_example() -> None:
    assert accept(KEY) == ACCEPT
    assert wanted(V11, "GET", by_name(ASK)) == KEY


@pytest.mark.parametrize(
    ("version", "method", "headers"),
    [
        ((1, 0), "GET", ASK),
        (V11, "POST", ASK),
        (V11, "GET", ASK[1:]),
        (V11, "GET", (ASK[0], ASK[2])),
        (V11, "GET", ((b"Upgrade", b"h2c"), *ASK[1:])),
    ],
)
def test_what_asks_for_no_websocket_is_an_ordinary_request(
    version: tuple[int, int], method: str, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    assert wanted(version, method, by_name(headers)) is None


@pytest.mark.parametrize(
    "headers",
    [
        ASK[:2],
        (*ASK, ASK[2]),
        (*ASK[:2], (b"Sec-WebSocket-Key", b"short")),
        (*ASK[:2], (b"Sec-WebSocket-Key", b"!" * 24)),
        (*ASK, (b"Content-Length", b"5")),
        (*ASK, (b"Transfer-Encoding", b"chunked")),
    ],
)
def test_a_handshake_that_cannot_be_granted_is_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    with pytest.raises(BadRequest):
        wanted(V11, "GET", by_name(headers))


def grant(*fields: tuple[bytes, bytes]) -> Head:
    return Head("1.1", 101, b"", fields)


def test_a_good_grant_passes_with_what_was_asked_for() -> None:
    asked = (
        *ASK,
        (b"Sec-WebSocket-Protocol", b"v1.kernel.websocket.jupyter.org, other"),
        (b"Sec-WebSocket-Extensions", b"permessage-deflate; client_max_window_bits, x"),
    )
    chosen = (
        (b"Sec-WebSocket-Protocol", b"v1.kernel.websocket.jupyter.org"),
        (b"Sec-WebSocket-Extensions", b"permessage-deflate; server_no_context_takeover"),
    )
    check(grant(*GRANT), KEY, by_name(ASK))
    check(grant(*GRANT, *chosen), KEY, by_name(asked))


@pytest.mark.parametrize(
    "fields",
    [
        GRANT[1:],
        (GRANT[0], GRANT[2]),
        GRANT[:2],
        ((b"Upgrade", b"h2c"), *GRANT[1:]),
        ((b"Upgrade", b"websocket, h2c"), *GRANT[1:]),
        (*GRANT, (b"Upgrade", b"h2c")),
        (GRANT[0], (b"Connection", b"close"), GRANT[2]),
        (*GRANT[:2], (b"Sec-WebSocket-Accept", b"AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        (*GRANT, GRANT[2]),
        (*GRANT, (b"Sec-WebSocket-Protocol", b"uninvited")),
        (*GRANT, (b"Sec-WebSocket-Extensions", b"permessage-deflate")),
        (*GRANT, (b"Content-Length", b"5")),
        (*GRANT, (b"Transfer-Encoding", b"chunked")),
    ],
)
def test_a_grant_that_does_not_fit_is_refused(fields: tuple[tuple[bytes, bytes], ...]) -> None:
    with pytest.raises(UpstreamInvalid):
        check(grant(*fields), KEY, by_name(ASK))
