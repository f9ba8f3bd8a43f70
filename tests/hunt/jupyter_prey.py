"""What would change a Jupyter notebook or its kernel if it passed, and a few things that may pass. Pure."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from tests.hunt.shaking import Shaker, Twice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

CODE = 'canary = scale = "caught"; open("canary.txt", "w").write("caught")'

NAMES = (
    "header", "parent_header", "metadata", "content", "channel", "buffers", "msg_id", "msg_type",
    "session", "code", "user_expressions", "silent", "store_history", "allow_stdin", "stop_on_error",
    "comm_id", "data", "target_name", "method", "state", "value", "buffer_paths", "subshell_id",
    "cellId", "shell", "control", "stdin", "iopub", "execute_request", "debug_request", "comm_open",
    "comm_msg", "input_reply", "shutdown_request", "version",
)  # fmt: skip


class Prey:
    """Makes messages of one page. `cells` are the author's codes."""

    def __init__(self, rng: Random, cells: Sequence[str]) -> None:
        self._rng = rng
        self._cells = cells
        values = (CODE, *cells, {"x": CODE}, {"code": CODE}, "shell", "control", "execute_request", [CODE])
        self._shaker = Shaker(rng, NAMES, values)

    def messages(self, session: str, count: int, *, legacy: bool) -> Iterator[bytes | str]:
        """Yield so many messages in a page's name, or nearly."""
        for number in range(count):
            channel, kind, content = self._rng.choice(self._wishes())
            message = {
                "header": {
                    "msg_id": f"{session}-{number}",
                    "msg_type": kind,
                    "session": session,
                    "username": "",
                    "version": "5.3",
                    "date": "",
                },
                "parent_header": {},
                "metadata": {},
                "content": content,
                "channel": channel,
                "buffers": [],
            }
            yield self._packed(self._shaker.shaken(message), legacy=legacy)

    def _wishes(self) -> list[tuple[str, str, dict[str, Any]]]:
        cell = self._rng.choice(self._cells)
        plain = {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True}

        def run(code: str, **others: Any) -> dict[str, Any]:
            return {"code": code, **plain, **others}

        evaluate = {"type": "request", "command": "evaluate", "arguments": {"expression": CODE}}
        comm = f"{self._rng.getrandbits(64):x}"
        # Names that come again and again, too.
        own = self._rng.choice((comm, f"own-{self._rng.randrange(32)}"))
        model = {"state": {"_model_name": "IntSliderModel", "value": 1}, "buffer_paths": []}
        return [
            ("shell", "execute_request", run(CODE)),
            ("shell", "execute_request", run(f"{cell}\n{CODE}")),
            ("shell", "execute_request", run(f"{CODE}\n{cell}")),
            ("shell", "execute_request", run(cell, user_expressions={"x": f"exec({CODE!r})"})),
            ("control", "execute_request", run(CODE)),
            ("control", "execute_request", run(cell)),
            ("stdin", "execute_request", run(CODE)),
            ("iopub", "execute_request", run(CODE)),
            ("control", "debug_request", evaluate),
            ("shell", "debug_request", evaluate),
            ("shell", "inspect_request", {"code": CODE, "cursor_pos": 3, "detail_level": 1}),
            ("shell", "complete_request", {"code": CODE, "cursor_pos": len(CODE)}),
            ("shell", "history_request", {"hist_access_type": "tail", "n": 10}),
            ("shell", "shutdown_request", {"restart": False}),
            ("control", "shutdown_request", {"restart": True}),
            ("control", "usage_request", {}),
            ("shell", "comm_open", {"comm_id": comm, "target_name": "jupyter.widget", "data": model}),
            (
                "shell",
                "comm_open",
                {"comm_id": comm, "target_name": "caught", "target_module": "os", "data": {}},
            ),
            ("shell", "comm_msg", {"comm_id": comm, "data": {"method": "update", "state": {"value": CODE}}}),
            ("shell", "comm_open", {"comm_id": own, "target_name": "jupyter.widget.control", "data": {}}),
            ("shell", "comm_open", {"comm_id": own, "target_name": "jupyter.widget.control", "data": {}}),
            ("shell", "comm_msg", {"comm_id": own, "data": {"method": "request_states"}}),
            ("shell", "comm_close", {"comm_id": own, "data": {}}),
            ("stdin", "input_reply", {"status": "ok", "value": CODE}),
            ("control", "create_subshell_request", {"x": 1}),
            ("control", "delete_subshell_request", {"subshell_id": comm}),
            ("shell", "apply_request", {"code": CODE}),
            ("shell", "connect_request", {}),
            ("shell", "kernel_info_request", {}),
            ("shell", "is_complete_request", {"code": CODE}),
            ("shell", "eval_request", {"code": CODE}),
        ]

    def _packed(self, message: Any, *, legacy: bool) -> bytes | str:
        """Pack as a page does, and now and then a little differently."""
        if not isinstance(message, dict):
            return self._json(message)
        if legacy and self._rng.random() > 0.1:
            text = self._json(message)
            torn = self._shaker.torn(text.encode("utf-8", "replace"))
            return torn if self._rng.random() < 0.02 else torn.decode("utf-8", "replace")
        parts = [str(message.get("channel", "")).encode("utf-8", "replace")]
        parts += [
            self._json(message.get(name, {})).encode("utf-8", "replace")
            for name in ("header", "parent_header", "metadata", "content")
        ]
        if self._rng.random() < 0.05:
            parts.append(self._rng.randbytes(8))
        if legacy:
            whole = self._json(message).encode("utf-8", "replace")
            head = struct.pack("!II", self._rng.choice((1, 1, 2, 0)), self._rng.choice((8, 8, 4, 12)))
            return self._shaker.torn(head + whole)
        return self._shaker.torn(self._v1(parts))

    def _v1(self, parts: list[bytes]) -> bytes:
        at = 8 * (len(parts) + 2)
        offsets = [at]
        for part in parts:
            at += len(part)
            offsets.append(at)
        if self._rng.random() < 0.05:
            odd = self._rng.choice((0, 8, 2**63, 2**64 - 1, at + 1, offsets[1], offsets[2]))
            offsets[self._rng.randrange(len(offsets))] = odd
        count = len(offsets) if self._rng.random() > 0.02 else self._rng.choice((0, 3, 2**32, 2**64 - 1))
        return struct.pack(f"<{len(offsets) + 1}Q", count, *offsets) + b"".join(parts)

    def _json(self, value: Any) -> str:
        """Write JSON, with names that stand twice where they are to."""
        if isinstance(value, dict):
            pairs = [*value.items(), *(value.again if isinstance(value, Twice) else ())]
            return "{" + ", ".join(f"{self._text(name)}: {self._json(each)}" for name, each in pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._json, value)) + "]"
        if isinstance(value, str):
            return self._text(value)
        return json.dumps(value.decode("latin-1") if isinstance(value, bytes) else value)

    def _text(self, text: str) -> str:
        """Write a text, now and then with all its characters spelled out."""
        if self._rng.random() > 0.02:
            return json.dumps(text)
        return '"' + "".join(f"\\u{ord(each) & 0xFFFF:04x}" for each in text) + '"'
