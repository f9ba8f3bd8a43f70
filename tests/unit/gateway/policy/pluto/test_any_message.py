"""Whatever a page sends: what reaches the server is allowed, and what is refused is answered once."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hunt.pluto_prey import Prey
from tests.unit.gateway.policy.pluto.page import NOTEBOOK, PUBLISHED, Page, read

if TYPE_CHECKING:
    from gateway.policy.verdict import Verdict

WORDLESS = {"connect", "ping", "current_time", "interrupt_all", "reset_shared_state"}


def is_allowed(message: dict[str, Any]) -> bool:
    """Say by other means than the rules' own whether a reader may have the server told this."""
    assert message.keys() == {"type", "client_id", "request_id", "body", "notebook_id"}
    body = message["body"]
    match message["type"]:
        case "update_notebook":
            return body.keys() == {"updates"} and all(
                change.keys() == {"op", "path", "value"}
                and change["op"] in {"add", "replace"}
                and change["path"] in [["bonds", name] for name in PUBLISHED.bonds]
                and list(change["value"]) == ["value"]
                for change in body["updates"]
            )
        case "run_multiple_cells":
            return list(body) == ["cells"] and set(body["cells"]) <= set(PUBLISHED.cells)
        case "reshow_cell":
            return body.keys() == {"objectid", "dim", "cell_id"} and body["cell_id"] in PUBLISHED.cells
        case "request_js_link_response":
            return body.keys() == {"cell_id", "link_id", "input"} and body["cell_id"] in PUBLISHED.cells
        case kind:
            return kind in WORDLESS and body == {}


def check(message: bytes | str, verdict: Verdict) -> None:
    forwarded = read(verdict.to_instance)
    answers = read(verdict.to_visitor)
    assert len(forwarded) <= 1
    for each in forwarded:
        assert each["notebook_id"] == NOTEBOOK
        assert is_allowed(each)
    if not verdict.refused or verdict.refused in {"text", "unreadable"}:
        return
    assert isinstance(message, bytes)
    asked = msgpack.unpackb(message, strict_map_key=False)["request_id"]
    answered = [each["request_id"] for each in (*forwarded, *answers) if each["request_id"] == asked]
    # Pluto never answers these two, and no page waits.
    assert len(answered) == 1 or verdict.refused in {"shutdown_notebook", "restart_process"}


@given(st.binary(max_size=300) | st.text(max_size=50))
def test_any_bytes_are_judged(message: bytes | str) -> None:
    page = Page()
    check(message, page.conversation.from_visitor(message))
    assert page.conversation.from_instance(message).to_visitor == (message,)


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_any_shaken_message_is_judged(seed: int) -> None:
    page = Page()
    luck = random.Random(seed)
    for message in Prey(luck, NOTEBOOK, PUBLISHED.cells).messages("me", 20):
        check(message, page.conversation.from_visitor(message))
        page.clock.now += 0.1
