"""View mode for Jupyter: what a reader may ask of a server. What is not named here does not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.jupyter import writing
from gateway.policy.jupyter.conversation import KernelConversation
from gateway.policy.jupyter.known import KnownKernel
from gateway.policy.jupyter.limits import PART
from gateway.policy.jupyter.queries import parameters
from gateway.policy.jupyter.reading import Reading
from gateway.policy.jupyter.silent import Deaf, Listening
from gateway.policy.jupyter.wire.legacy import Legacy
from gateway.policy.jupyter.wire.v1 import PROTOCOL, V1
from gateway.policy.pace import Paces
from gateway.policy.ruling import Passed, Refused, Ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.conversation import Conversation
    from gateway.policy.jupyter.wire.message import Wire
    from gateway.policy.policy import Wish
    from pool.kinds.published import Published


class JupyterPolicy:
    """The rules of one session. `clock` is seconds that never go back."""

    def __init__(self, published: Published, *, clock: Callable[[], float]) -> None:
        self._published = published
        self._clock = clock
        self._cells = frozenset(published.cells)
        self._kernel = KnownKernel()
        self._paces = Paces(part=PART, clock=clock)
        self._reading = Reading(published)
        self._channels = f"api/kernels/{published.kernel}/channels"

    def judge(self, wish: Wish) -> Ruling:
        """Return what becomes of a request."""
        asked = parameters(wish.query)
        if asked is None:
            return Refused("a query no page sends")
        if "" in wish.path.split("/"):
            return Refused("a path with an empty part")
        if wish.websocket:
            ruling = self._websocket(wish.method, wish.path, asked)
        elif wish.method in {"GET", "HEAD"}:
            ruling = self._reading.judge(wish.method, wish.path, asked)
        else:
            ruling = writing.judge(wish.method, wish.path, asked, self._published)
        if wish.body and isinstance(ruling, Passed):
            return Refused("a body where none belongs")
        return ruling

    def _websocket(self, method: str, path: str, asked: dict[str, str]) -> Ruling:
        if method != "GET":
            return Refused("no websocket")
        if path == self._channels and asked.keys() <= {"session_id"}:
            return Passed(converse=self._converse)
        if path == "api/events/subscribe" and not asked:
            return Passed(converse=lambda _: Listening())
        return Refused("a websocket that is not the notebook's")

    def _converse(self, protocol: str) -> Conversation:
        wires: dict[str, Wire] = {PROTOCOL: V1(), "": Legacy()}
        wire = wires.get(protocol)
        if wire is None:
            return Deaf()
        return KernelConversation(wire, self._cells, self._kernel, self._paces, clock=self._clock)
