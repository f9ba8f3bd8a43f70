"""A Pluto page as a program, for what it says and hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack

from gateway.policy.pluto.policy import PlutoPolicy
from gateway.policy.policy import Wish
from gateway.policy.ruling import Passed
from pool.kinds.published import Published

if TYPE_CHECKING:
    from gateway.policy.verdict import Verdict

NOTEBOOK = "8f9e1d2c-0000-4000-8000-000000000001"
SLIDER, TEXT, PRODUCT = (f"{number:08}-0000-4000-8000-000000000000" for number in (1, 2, 3))
PUBLISHED = Published(
    NOTEBOOK, [SLIDER, TEXT, PRODUCT], bonds=["n", "größe"], bindable=["n", "größe", "later"]
)


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Page:
    """One websocket of a page whose notebook is `PUBLISHED`."""

    def __init__(self, client_id: str = "me", beside: Page | None = None) -> None:
        """`beside` is another page of the same session."""
        self.clock: Clock = beside.clock if beside else Clock()
        self.policy: PlutoPolicy = beside.policy if beside else PlutoPolicy(PUBLISHED, clock=self.clock)
        ruling = self.policy.judge(Wish("GET", "channels", websocket=True))
        assert isinstance(ruling, Passed)
        assert ruling.converse is not None
        self.conversation = ruling.converse("")
        self.client_id = client_id
        self.sent = 0

    def message(self, kind: str, body: Any = None, **others: Any) -> dict[str, Any]:
        self.sent += 1
        return {
            "type": kind,
            "client_id": self.client_id,
            "request_id": f"r{self.sent}",
            "body": {} if body is None else body,
            "notebook_id": NOTEBOOK,
            **others,
        }

    def say(self, kind: str, body: Any = None, **others: Any) -> Verdict:
        return self.conversation.from_visitor(msgpack.packb(self.message(kind, body, **others)))

    def bond(self, name: str, value: Any, **others: Any) -> Verdict:
        return self.say("update_notebook", {"updates": [bond(name, value)]}, **others)


def bond(name: str, value: Any, op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": ["bonds", name], "value": {"value": value}}


def read(messages: tuple[bytes | str, ...]) -> list[dict[str, Any]]:
    return [msgpack.unpackb(_binary(each), strict_map_key=False) for each in messages]


def _binary(message: bytes | str) -> bytes:
    assert isinstance(message, bytes)
    return message
