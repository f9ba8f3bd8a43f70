"""Going on with a connection that another process has accepted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.proxy.visitor_connection import VisitorConnection

if TYPE_CHECKING:
    import socket

    from gateway.proxy.door import Door


async def adopt(door: Door, connection: socket.socket, data: bytes) -> None:
    """Serve it from here on; `data` came over it and was not answered."""
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: VisitorConnection(door, data), connection)
