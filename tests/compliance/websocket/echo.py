"""A websocket server that sends every message back: echo.py HOST PORT.

It is aiohttp's, as the gateway has it anyway: it refuses what RFC 6455 has it refuse and speaks
permessage-deflate (RFC 7692). A plain GET is answered 200, so that a pool can see the server is there.
"""

from __future__ import annotations

import sys

from aiohttp import WSMsgType, web


async def echo(request: web.Request) -> web.StreamResponse:
    """Send every message back as what it came as, text or binary, of any size."""
    socket = web.WebSocketResponse(max_msg_size=0, compress=True)
    if not socket.can_prepare(request):
        return web.Response(text="an echo server\n")
    await socket.prepare(request)
    async for message in socket:
        match message.type:
            case WSMsgType.TEXT:
                await socket.send_str(message.data)
            case WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            case _:
                break
    return socket


def application() -> web.Application:
    """Return the server's only page."""
    app = web.Application()
    app.router.add_get("/", echo)
    return app


if __name__ == "__main__":
    web.run_app(application(), host=sys.argv[1], port=int(sys.argv[2]), print=None)
