"""A page that speaks to a kernel through the rules, in either format, and what it and the kernel then get."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter import JupyterPolicy
from gateway.policy.policy import Wish
from gateway.policy.ruling import Passed
from pool.kinds.jupyter.sources import digest
from pool.kinds.published import Published
from tests.unit.gateway.policy.jupyter import strict

if TYPE_CHECKING:
    from gateway.policy.ruling import Ruling
    from gateway.policy.verdict import Message, Verdict
    from tests.unit.gateway.policy.jupyter.strict import Seen

V1 = "v1.kernel.websocket.jupyter.org"
FORMATS = (V1, "")
CELLS = ("n = 6", "print(n * 7)\nprint('ü')", "")
PUBLISHED = Published(
    notebook="course/a b.ipynb",
    cells=[digest(cell) for cell in CELLS],
    session="0b8d2f0e-session",
    kernel="7a1c-kernel",
    kernel_name="python3",
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def head(msg_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "msg_id": "m-1",
        "msg_type": msg_type,
        "session": "s-1",
        "username": "",
        "version": "5.2",
        "date": "2026-01-02T03:04:05.678Z",
        **changes,
    }


def execute(code: Any, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": True,
        "stop_on_error": True,
        **changes,
    }


def judge(method: str, path: str, query: str = "", **more: Any) -> Ruling:
    """What becomes of a request of a new session."""
    return JupyterPolicy(PUBLISHED, clock=Clock()).judge(Wish(method, path, query, **more))


class Page:
    """One websocket."""

    def __init__(
        self, protocol: str, policy: JupyterPolicy | None = None, clock: Clock | None = None
    ) -> None:
        self.protocol = protocol
        self.clock = clock or Clock()
        self.policy = policy or JupyterPolicy(PUBLISHED, clock=self.clock)
        ruling = self.policy.judge(
            Wish("GET", f"api/kernels/{PUBLISHED.kernel}/channels", "session_id=s-1", websocket=True)
        )
        assert isinstance(ruling, Passed)
        assert ruling.converse is not None
        self.conversation = ruling.converse(protocol)
        self.ids = (f"m-{n}" for n in itertools.count(1))
        self.last = ""

    def pack(
        self,
        channel: Any,
        header: Any,
        content: Any = None,
        *,
        metadata: Any = None,
        parent: Any = None,
        buffers: tuple[bytes, ...] = (),
    ) -> Message:
        texts = [header, parent or {}, metadata or {}, {} if content is None else content]
        if self.protocol == V1:
            name = channel if isinstance(channel, bytes) else str(channel).encode()
            return strict.pack_v1(name, *(json.dumps(text).encode() for text in texts), *buffers)
        names = ("header", "parent_header", "metadata", "content")
        text = json.dumps({"channel": channel, **dict(zip(names, texts, strict=True))})
        return strict.pack_legacy(text.encode(), *buffers) if buffers else text

    def read(self, message: Message) -> Seen:
        return strict.v1(message) if self.protocol == V1 else strict.legacy(message)

    def send(self, message: Message) -> Verdict:
        """Send what was packed. Whatever becomes of it can be read again."""
        verdict = self.conversation.from_visitor(message)
        for each in (*verdict.to_instance, *verdict.to_visitor):
            self.read(each)
        return verdict

    def say(self, channel: Any, msg_type: str, content: Any = None, **more: Any) -> Verdict:
        """Send a message with an id of its own."""
        self.last = next(self.ids)
        changes = {name: more.pop(name) for name in ("session", "subshell_id", "version") if name in more}
        return self.send(self.pack(channel, head(msg_type, msg_id=self.last, **changes), content, **more))

    def run(self, code: Any, **changes: Any) -> Verdict:
        return self.say("shell", "execute_request", execute(code, **changes))

    def hears(self, channel: str, msg_type: str, content: Any, parent: str = "m-0") -> Verdict:
        """Have the kernel say something."""
        message = self.pack(
            channel,
            head(msg_type, session="kernel", msg_id="k"),
            content,
            parent=head("x_request", msg_id=parent),
        )
        verdict = self.conversation.from_instance(message)
        assert verdict.to_visitor in {(message,), ()}
        return verdict

    def announces(self, comm: str, target: str = "jupyter.widget") -> None:
        self.hears("iopub", "comm_open", {"comm_id": comm, "target_name": target, "data": {}})

    def forwarded(self, verdict: Verdict) -> list[Seen]:
        """What the kernel gets, but for the gateway's own question."""
        seen = [self.read(each) for each in verdict.to_instance]
        return [each for each in seen if not each.header["msg_id"].startswith("warmgate-")]

    def answers(self, verdict: Verdict) -> list[tuple[str, str]]:
        """The channels and types of what the page gets."""
        return [(seen.channel, seen.header["msg_type"]) for seen in map(self.read, verdict.to_visitor)]

    def is_refused(self, verdict: Verdict) -> bool:
        return bool(verdict.refused) and not verdict.to_instance
