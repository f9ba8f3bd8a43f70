"""The stand-in for Pluto answers as a real one did: a recorded conversation is held again with it.

Answers are compared one to one. What comes unasked while cells run may be merged or split by how long they
take: of that, the state it leads to is compared, and which fields it touched, except that `queued` and
`running` need not be seen on the way. The same goes for the patches of an answer to a question asked while
cells ran already: the second of two moves of the slider. Ids, times and the path of a system image are the
machine's own.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
import pytest_asyncio

from tests.support.stand_in import JULIA, OPEN, StandIn, idle, serving, unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import aiohttp

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

RECORDING = json.loads((JULIA / "recordings" / "pluto-0.17.7-julia-1.5.3.json").read_text())
NOTEBOOK = (JULIA / "recordings" / "slider.jl").read_text().replace("scale = 5", "scale = 3")
OF_THE_MACHINE = {
    "last_run_timestamp": float,
    "last_save_time": float,
    "runtime": int,
    "sysimage": str | None,
    "notebook_id": str,
}
TRANSIENT = {"queued", "running"}


def alike(value: Any) -> Any:
    """Return what a frame holds, without what only this machine or this minute can have."""
    if isinstance(value, dict):
        kept = {key: _own(key, content) for key, content in value.items()}
        if set(kept) >= {"op", "path"} and kept["path"]:
            kept["value"] = _own(kept["path"][-1], kept.get("value"))
        return kept
    if isinstance(value, list):
        return [alike(part) for part in value]
    if isinstance(value, str):
        return re.sub(r'unique_id="[A-Za-z0-9+/]{12}"', 'unique_id="..."', value)
    return value


def _own(key: Any, content: Any) -> Any:
    kind = OF_THE_MACHINE.get(key)
    return f"<{key}>" if kind is not None and isinstance(content, kind) else alike(content)


def patched(state: Any, patches: list[dict[str, Any]]) -> Any:
    """Return a state with patches applied."""
    for patch in patches:
        path = patch["path"]
        if not path:
            state = copy.deepcopy(patch["value"])
            continue
        branch = state
        for name in path[:-1]:
            branch = branch[name]
        if patch["op"] == "remove":
            del branch[path[-1]]
        else:
            branch[path[-1]] = patch["value"]
    return state


@dataclass(slots=True)
class Step:
    """What a client sent at once, and all that came before it sent again."""

    sent: list[dict[str, Any]]
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def asked(self) -> set[str]:
        return {str(message["request_id"]) for message in self.sent}

    @property
    def meanwhile(self) -> set[str]:
        """What was asked after something else had set cells to run."""
        moved = [m for m in self.sent if any(u["path"][0] == "bonds" for u in m["body"].get("updates", []))]
        return {str(message["request_id"]) for message in moved[1:]}

    def answers(self) -> list[Any]:
        found = []
        for message in self.received:
            if message.get("request_id") not in self.asked:
                continue
            answer = alike(message)
            if answer["request_id"] in self.meanwhile:
                del answer["message"]["patches"]
            found.append(answer)
        return sorted(found, key=lambda message: str(message["request_id"]))

    def touched(self) -> set[tuple[str, ...]]:
        news = [m for m in self.received if "request_id" not in m or m["request_id"] in self.meanwhile]
        patches = (patch for message in news for patch in message["message"]["patches"])
        found = {(patch["op"], *map(str, patch["path"])) for patch in patches}
        return {change for change in found if change[-1] not in TRANSIENT}

    def order(self) -> list[str]:
        """Answers by their ids, and where news began and ended."""
        names = (str(message.get("request_id", "news")) for message in self.received)
        found: list[str] = []
        for name in names:
            if name not in self.meanwhile and found[-1:] != [name]:
                found.append(name)
        return found


def recorded() -> Iterator[Step]:
    """What the client sent before all answers had come is one step: a handshake and two moves of a slider."""
    step: Step | None = None
    unanswered: set[str] = set()
    for frame in RECORDING["frames"]:
        message = unpacked(base64.b64decode(frame["b64"]))
        if frame["dir"] == "server":
            assert step is not None
            step.received.append(message)
            unanswered.discard(str(message.get("request_id")))
            continue
        if step is not None and unanswered:
            step.sent.append(message)
        else:
            if step is not None:
                yield step
            step = Step([message])
        unanswered.add(str(message["request_id"]))
    assert step is not None
    yield step


STEPS = list(recorded())


@dataclass(slots=True)
class Conversation:
    """The recorded client, with the stand-in."""

    socket: aiohttp.ClientWebSocketResponse
    notebook_id: str
    state: Any = None

    async def play(self, recorded: Step, until: Any) -> Step:
        """Send what was sent then; return what comes until all is answered and the state is `until`."""
        step = Step([self._mine(message) for message in recorded.sent])
        for message in step.sent:
            await self.socket.send_bytes(msgpack.packb(message))
        missing = {str(m["request_id"]) for m in recorded.received if "request_id" in m}
        async with asyncio.timeout(120):
            while missing or (until is not None and not self._is(until)):
                message = await self.receive()
                step.received.append(message)
                missing.discard(str(message.get("request_id")))
        return step

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = unpacked(await self.socket.receive_bytes())
        if message["type"] == "notebook_diff":
            self.state = patched(self.state, message["message"]["patches"])
        return message

    def claim(self, step: Step) -> None:
        """Take over what the client has changed itself, as a page does."""
        for message in step.sent:
            self.state = patched(self.state, message["body"].get("updates", []))

    def _is(self, until: Any) -> bool:
        return self.state is not None and idle(self.state) and alike(self.state) == until

    def _mine(self, message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "notebook_id": self.notebook_id} if "notebook_id" in message else message


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand_in() -> AsyncIterator[StandIn]:
    options = f'{OPEN}, threads=2, notebook="/nb/nb2.jl"'
    async with serving(options, {"nb2.jl": NOTEBOOK}) as running:
        yield running


async def test_it_answers_frame_by_frame_as_the_real_one_did(stand_in: StandIn) -> None:
    notebook_id = await stand_in.opened("/nb/nb2.jl")
    await stand_in.until_run(notebook_id)
    then: Any = None
    async with stand_in.http.ws_connect(stand_in.base + "/", max_msg_size=0) as socket:
        now = Conversation(socket, notebook_id)
        for step in STEPS:
            for message in step.sent if then is not None else []:
                then = patched(then, message["body"].get("updates", []))
            for message in step.received:
                if message["type"] == "notebook_diff":
                    then = patched(then, message["message"]["patches"])
            if now.state is not None:
                now.claim(step)
            played = await now.play(step, alike(then))
            assert played.answers() == step.answers()
            assert played.touched() == step.touched()
            assert played.order() == step.order()
            assert alike(now.state) == alike(then)
        # The last was of a type that nobody knows: nothing came, and the next answer is the next question's.
        await socket.send_bytes(
            msgpack.packb({"type": "ping", "client_id": "viewer01", "request_id": "last", "body": {}})
        )
        assert (await now.receive())["request_id"] == "last"


async def test_the_recording_is_read_whole() -> None:
    assert sum(len(step.sent) + len(step.received) for step in STEPS) == len(RECORDING["frames"])
    assert [sorted(step.asked) for step in STEPS][:2] == [["req1", "req2", "req3", "req4"], ["req5"]]
