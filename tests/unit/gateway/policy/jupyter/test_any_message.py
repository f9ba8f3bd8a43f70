"""Whatever comes in: nothing raises, and what goes on is found allowed by a second, stricter reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pool.kinds.jupyter.sources import digest
from tests.unit.gateway.policy.jupyter import strict
from tests.unit.gateway.policy.jupyter.page import CELLS, FORMATS, PUBLISHED, V1, Page, execute, head

if TYPE_CHECKING:
    from gateway.policy.verdict import Message, Verdict
    from tests.unit.gateway.policy.jupyter.strict import Seen

EXAMPLES = 100
WIDGETS = {"w-1", "w-2"}
SUBSHELL = "sub-1"
CONTROL = "jupyter.widget.control"

# What the kernel may get, field by field: once more, so that it does not follow the code's mistakes.
ALLOWED = {
    ("shell", "execute_request"): {
        "code",
        "silent",
        "store_history",
        "user_expressions",
        "allow_stdin",
        "stop_on_error",
    },
    ("shell", "kernel_info_request"): set(),
    ("shell", "comm_info_request"): {"target_name"},
    ("shell", "comm_open"): {"comm_id", "target_name", "data"},
    ("shell", "comm_msg"): {"comm_id", "data"},
    ("shell", "comm_close"): {"comm_id", "data"},
    ("stdin", "input_reply"): {"status", "value"},
    ("control", "kernel_info_request"): set(),
    ("control", "interrupt_request"): set(),
    ("control", "create_subshell_request"): set(),
    ("control", "delete_subshell_request"): {"subshell_id"},
    ("control", "list_subshell_request"): set(),
}
HEADER = {"msg_id", "msg_type", "session", "username", "version", "date", "subshell_id"}


def check_forwarded(seen: Seen, opened: set[str]) -> None:
    kind = seen.header["msg_type"]
    assert (seen.channel, kind) in ALLOWED
    assert seen.content.keys() <= ALLOWED[seen.channel, kind]
    assert seen.header.keys() <= HEADER
    assert all(isinstance(value, str) for value in seen.header.values())
    assert seen.header["version"].startswith("5.")
    assert seen.parent == {}
    assert seen.metadata.keys() <= {"cellId", "version"}
    assert not seen.buffers or kind == "comm_msg"
    if "subshell_id" in seen.header:
        assert seen.header["subshell_id"] == SUBSHELL
        assert kind not in {"execute_request", "input_reply"}
    if kind == "execute_request":
        assert digest(seen.content["code"]) in PUBLISHED.cells
        assert seen.content["user_expressions"] == {}
        assert seen.content["silent"] is False
    if kind == "comm_open":
        assert seen.content["target_name"] == CONTROL
        assert seen.content["data"] == {}
        assert seen.content["comm_id"] not in WIDGETS
        opened.add(seen.content["comm_id"])
    if kind in {"comm_msg", "comm_close"}:
        assert seen.content["comm_id"] in WIDGETS | opened
    if kind == "comm_msg":
        methods = (
            {"update", "custom", "request_state"}
            if seen.content["comm_id"] in WIDGETS
            else {"request_states"}
        )
        assert seen.content["data"]["method"] in methods


def readable(page: Page, message: Message) -> dict[str, Any] | None:
    """Return the header of a message that can be answered, as the second reader finds it."""
    try:
        header = page.read(message).header
        words = [header[name] for name in ("msg_id", "msg_type", "session", "username", "version")]
    except Exception:  # noqa: BLE001 - whatever it is, the second reader has refused it
        return None
    return header if all(isinstance(word, str) for word in words) else None


def check_answers(page: Page, message: Message, verdict: Verdict) -> None:
    """A request that went nowhere is answered once; one that went on is not answered here."""
    seen = [page.read(each) for each in verdict.to_visitor]
    if verdict.to_instance:
        assert not seen
        return
    header = readable(page, message)
    if header is None or not verdict.to_visitor:
        return
    assert {each.parent["msg_id"] for each in seen} == {header["msg_id"]}
    idles = [each for each in seen if each.content.get("execution_state") == "idle"]
    replies = [each for each in seen if each.channel != "iopub"]
    is_request = header["msg_type"].endswith("_request")
    assert len(idles) == 1
    assert seen[-1] is idles[0]
    assert len(replies) == (1 if is_request and page.read(message).channel != "iopub" else 0)


def opened_page(protocol: str) -> Page:
    page = Page(protocol)
    for comm in WIDGETS:
        page.announces(comm)
    page.say("control", "create_subshell_request")
    page.hears("control", "create_subshell_reply", {"subshell_id": SUBSHELL}, parent=page.last)
    page.hears("stdin", "input_request", {"prompt": ""})
    return page


def play(protocol: str, messages: list[Message]) -> None:
    page = opened_page(protocol)
    opened: set[str] = set()
    for message in messages:
        verdict = page.conversation.from_visitor(message)
        for seen in page.forwarded(verdict):
            check_forwarded(seen, opened)
        check_answers(page, message, verdict)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4
)
codes = st.sampled_from([*CELLS, "import os", "n = 6\r\n", "\ufeffn = 6", "n = 6\0"])
comms = st.sampled_from(["w-1", "w-2", "w-3", "c-1", "c-2", "", "W-1"])
contents = st.one_of(
    st.builds(execute, codes, user_expressions=values, silent=st.booleans(), stop_on_error=values),
    st.fixed_dictionaries(
        {
            "comm_id": comms | values,
            "data": st.fixed_dictionaries(
                {
                    "method": st.sampled_from(["update", "custom", "request_state", "request_states"])
                    | values,
                    "state": st.dictionaries(st.text(), values) | values,
                }
            )
            | st.just({})
            | values,
        },
        optional={
            "target_name": st.sampled_from([CONTROL, "jupyter.widget", "x"]) | values,
            "value": values,
            "subshell_id": st.just(SUBSHELL) | values,
        },
    ),
    st.dictionaries(st.text(), values),
    values,
)
types = st.sampled_from(
    [
        *{kind for _, kind in ALLOWED},
        "debug_request",
        "shutdown_request",
        "complete_request",
        "x_request",
        "x",
    ]
)
channels = st.sampled_from(["shell", "control", "stdin", "iopub", "Shell", ""])
headers = st.builds(
    lambda kind, changes: head(kind) | changes,
    types,
    st.dictionaries(
        st.sampled_from([*HEADER, "x"]), values | st.sampled_from([SUBSHELL, "5.3", "s-1"]), max_size=2
    ),
)
buffers = st.lists(st.binary(max_size=8), max_size=2).map(tuple)


@st.composite
def built(draw: st.DrawFn, protocol: str) -> Message:
    """A message of the right form with anything in it."""
    page = Page(protocol)
    return page.pack(
        draw(channels),
        draw(headers),
        draw(contents),
        metadata=draw(st.just({}) | values),
        parent=draw(st.just({}) | values),
        buffers=draw(buffers),
    )


@st.composite
def spoilt(draw: st.DrawFn, protocol: str) -> Message:
    """One of which some bytes are others, or more, or fewer."""
    message = draw(built(protocol))
    data = bytearray(message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    if isinstance(message, str):
        return bytes(data).decode("utf-8", draw(st.sampled_from(["replace", "surrogateescape"])))
    return bytes(data)


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, list[Message]]:
    protocol = draw(st.sampled_from(FORMATS))
    return protocol, draw(st.lists(built(protocol) | spoilt(protocol), min_size=1, max_size=3))


@settings(max_examples=EXAMPLES, deadline=None)
@given(exchanges())
def test_what_goes_on_is_allowed_and_what_does_not_is_answered(exchange: tuple[str, list[Message]]) -> None:
    play(*exchange)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(FORMATS), st.binary() | st.text())
def test_bytes_of_any_kind_are_refused_and_never_raise(protocol: str, message: Message) -> None:
    verdict = Page(protocol).conversation.from_visitor(message)
    assert verdict.refused
    assert not verdict.to_instance


@settings(max_examples=EXAMPLES, deadline=None)
@given(exchanges(), st.binary() | st.text())
def test_whatever_the_server_says_passes_and_never_raises(
    exchange: tuple[str, list[Message]], noise: Message
) -> None:
    protocol, messages = exchange
    page = opened_page(protocol)
    for message in (*messages, noise):
        assert page.conversation.from_instance(message).to_visitor == (message,)


@settings(max_examples=EXAMPLES, deadline=None)
@given(codes | st.text(), st.sampled_from(FORMATS))
def test_code_reaches_the_kernel_only_if_it_is_the_authors(code: str, protocol: str) -> None:
    page = Page(protocol)
    is_authors = code.replace("\r\n", "\n").replace("\r", "\n") in CELLS
    assert bool(page.forwarded(page.run(code))) == is_authors


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.dictionaries(st.text(), values), st.binary())
def test_a_widgets_state_is_passed_on_as_it_was(state: dict[str, Any], data: bytes) -> None:
    page = opened_page(V1)
    content = {"comm_id": "w-1", "data": {"method": "update", "state": state, "buffer_paths": []}}
    verdict = page.send(page.pack("shell", head("comm_msg"), content, buffers=(data,)))
    for seen in page.forwarded(verdict):
        assert seen.buffers == [data]
        assert json.dumps(seen.content, sort_keys=True) == json.dumps(content, sort_keys=True)


@pytest.mark.parametrize("text", ['{"a":1,"a":2}', "NaN"])
def test_the_second_reader_is_strict_itself(text: str) -> None:
    with pytest.raises(AssertionError):
        strict.loads(text)
