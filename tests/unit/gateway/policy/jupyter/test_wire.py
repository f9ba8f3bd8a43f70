"""Attacks on how a message is read: bytes that two readers could understand in two ways."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from gateway.policy.jupyter.limits import (
    MAX_BUFFERS,
    MAX_HEADER,
    MAX_JSON,
    MAX_MESSAGE,
    MAX_WORD,
)
from tests.unit.gateway.policy.jupyter import strict
from tests.unit.gateway.policy.jupyter.page import CELLS, FORMATS, V1, Page, execute, head

if TYPE_CHECKING:
    from gateway.policy.verdict import Message, Verdict

HEADER = json.dumps(head("execute_request")).encode()
CONTENT = json.dumps(execute(CELLS[0])).encode()
GOOD = strict.pack_v1(b"shell", HEADER, b"{}", b"{}", CONTENT)


def v1(message: Message) -> Verdict:
    return Page(V1).send(message)


def legacy(message: Message) -> Verdict:
    return Page("").send(message)


def text(header: bytes = HEADER, content: bytes = CONTENT, more: bytes = b"") -> str:
    return (
        b'{"channel":"shell","header":%b,"parent_header":{},"metadata":{},"content":%b%b}'
        % (header, content, more)
    ).decode("utf-8", "surrogatepass")


def offsets(*numbers: int, rest: bytes = b"") -> bytes:
    return struct.pack(f"<{len(numbers)}Q", *numbers) + rest


def test_a_well_formed_message_passes_in_either_format() -> None:
    assert v1(GOOD).to_instance
    assert legacy(text()).to_instance
    assert legacy(strict.pack_legacy(text().encode())).to_instance


# Bytes that are no message: nobody knows whom to answer.


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x06",
        b"\0" * 8,
        b"\xff" * 64,
        GOOD + b"x",
        GOOD[:-1],
        b"x" + GOOD,
        text(),
        text().encode(),
        GOOD.decode("latin-1"),
        strict.pack_legacy(text().encode()),
        offsets(5, 48, 48, 48, 48, 48),
        offsets(6, 0, 0, 0, 0, 0, 0),
        offsets(2**63, 8),
        offsets(7, *[64] * 6, 63, rest=b""),
        strict.pack_v1(b"shell", HEADER, b"{}", b"{}", CONTENT, *[b""] * (MAX_BUFFERS + 1)),
    ],
)
def test_what_is_no_message_is_refused_without_an_answer_in_the_new_format(message: Message) -> None:
    verdict = v1(message)
    assert verdict.refused
    assert not verdict.to_instance
    assert not verdict.to_visitor


@pytest.mark.parametrize(
    "message",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        b"",
        b"\0\0\0\0",
        b"\xff" * 64,
        GOOD,
        text() + "x",
        text() + text(),
        "\ufeff" + text(),
        strict.pack_legacy(text().encode()) + b"x",
        strict.pack_legacy(b"\xff" + text().encode()),
        strict.pack_legacy(text().encode())[:-1],
        struct.pack("!II", 1, 9) + b"x" + text().encode(),
        struct.pack("!III", 2, 12, 11) + text().encode(),
        "\ud800" + text(),
        "[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused_without_an_answer_in_the_elder_format(message: Message) -> None:
    verdict = legacy(message)
    assert verdict.refused
    assert not verdict.to_instance
    assert not verdict.to_visitor


def test_offsets_that_overlap_are_refused() -> None:
    count, *found = struct.unpack_from("<7Q", GOOD)
    for first in range(1, 5):
        shifted = list(found)
        shifted[first], shifted[first + 1] = shifted[first + 1], shifted[first]
        if shifted != found:
            assert not v1(struct.pack("<7Q", count, *shifted) + GOOD[56:]).to_instance


def test_a_gap_before_the_first_part_is_refused() -> None:
    count, *found = struct.unpack_from("<7Q", GOOD)
    assert not v1(struct.pack("<7Q", count, *(at + 1 for at in found)) + b"x" + GOOD[56:]).to_instance


# Parts of which nobody can say what they mean. They can be answered, and are.

TWICE = b'{"code":"import os","code":"n = 6"}'
FAULTY = {
    "a key twice": TWICE,
    "a key twice, once escaped": b'{"code":"import os","c\\u006fde":"n = 6"}',
    "a key twice, deep down": b'{"code":"n = 6","x":[{"y":{"a":1,"a":2}}]}',
    "NaN": b'{"code":"n = 6","x":NaN}',
    "Infinity": b'{"code":"n = 6","x":-Infinity}',
    "a number too big for a float": b'{"code":"n = 6","x":1e999}',
    "a number of a thousand digits": b'{"code":"n = 6","x":' + b"9" * 1000 + b"}",
    "a number of five thousand digits": b'{"code":"n = 6","x":' + b"9" * 5000 + b"}",
    "half a character": b'{"code":"n = 6","x":"\\ud83d"}',
    "half a character as a key": b'{"code":"n = 6","\\udc00":1}',
    "a depth of a hundred": b'{"code":"n = 6","x":' + b"[" * 100 + b"]" * 100 + b"}",
    "an array": b"[]",
    "a text": b'"n = 6"',
    "nothing": b"null",
}
NO_JSON = {
    "a control character in a text": b'{"code":"n = 6","x":"\x00"}',
    "a byte order mark": b"\xef\xbb\xbf" + CONTENT,
    "UTF-16": CONTENT.decode().encode("utf-16"),
    "half a character in bytes": b'{"code":"n = 6","x":"\xed\xa0\x80"}',
    "an overlong encoding": b'{"code":"n = 6","x":"\xc0\x80"}',
    "two values": CONTENT + CONTENT,
    "a comma too many": b'{"code":"n = 6",}',
    "single quotes": b"{'code':'n = 6'}",
    "a comment": b'{"code":"n = 6"/**/}',
    "a depth of a hundred thousand": b"[" * 100_000,
    "no byte at all": b"",
}


@pytest.mark.parametrize("content", {**FAULTY, **NO_JSON}.values(), ids={**FAULTY, **NO_JSON}.keys())
def test_a_faulty_part_is_refused_and_answered_in_the_new_format(content: bytes) -> None:
    page = Page(V1)
    for parts in ((b"{}", b"{}", content), (b"{}", content, CONTENT), (content, b"{}", CONTENT)):
        verdict = page.send(strict.pack_v1(b"shell", HEADER, *parts))
        assert page.is_refused(verdict)
        assert [kind for _, kind in page.answers(verdict)].count("execute_reply") == 1


@pytest.mark.parametrize("content", FAULTY.values(), ids=FAULTY.keys())
def test_a_faulty_part_is_refused_and_answered_in_the_elder_format(content: bytes) -> None:
    page = Page("")
    verdict = page.send(text(content=content))
    assert page.is_refused(verdict)
    assert [kind for _, kind in page.answers(verdict)].count("execute_reply") == 1


@pytest.mark.parametrize("content", [part for part in NO_JSON.values() if part], ids=[*NO_JSON][:-1])
def test_a_message_that_is_no_json_is_refused_in_the_elder_format(content: bytes) -> None:
    verdict = legacy(strict.pack_legacy(text(content=b"@@").encode().replace(b"@@", content)))
    assert verdict.refused
    assert not verdict.to_instance


@pytest.mark.parametrize(
    "more",
    [
        b',"content":{"code":"import os"}',
        b',"channel":"control"',
        b',"header":{}',
        b',"buffers":["x"]',
        b',"buffers":{}',
        b',"msg_type":"execute_request"',
        b',"evil":1',
    ],
)
def test_more_than_a_messages_parts_is_refused_in_the_elder_format(more: bytes) -> None:
    verdict = legacy(text(more=more))
    assert verdict.refused
    assert not verdict.to_instance


@pytest.mark.parametrize("name", ["parent_header", "metadata", "content", "channel", "header"])
def test_a_message_that_lacks_a_part_is_refused_in_the_elder_format(name: str) -> None:
    message = json.loads(text())
    del message[name]
    verdict = legacy(json.dumps(message))
    assert verdict.refused
    assert not verdict.to_instance


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize(
    "channel", ["Shell", " shell", "shell ", "SHELL", "shell\0", "", "hb", "sh\u0435ll", "control,shell"]
)
def test_a_channel_is_exactly_one_of_four_words(protocol: str, channel: str) -> None:
    page = Page(protocol)
    verdict = page.send(page.pack(channel, head("execute_request"), execute(CELLS[0])))
    assert verdict.refused
    assert not verdict.to_instance


@pytest.mark.parametrize("channel", [None, 1, [], ["shell"], {"shell": 1}, True])
def test_a_channel_is_a_text_in_the_elder_format(channel: Any) -> None:
    page = Page("")
    assert page.is_refused(page.send(page.pack(channel, head("execute_request"), execute(CELLS[0]))))


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize("name", ["msg_id", "msg_type", "session", "username", "version"])
@pytest.mark.parametrize(
    "value",
    [None, 1, True, [], ["execute_request"], {}, "a\nb", "a\0", "x" * (MAX_WORD + 1), "2026-01-02T03:04:05Z"],
)
def test_a_headers_fields_are_words(protocol: str, name: str, value: Any) -> None:
    page = Page(protocol)
    verdict = page.send(page.pack("shell", head("execute_request") | {name: value}, execute(CELLS[0])))
    assert page.is_refused(verdict)
    assert not verdict.to_visitor


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize("header", [None, 1, [], "header", {}, [head("execute_request")]])
def test_a_header_is_an_object_with_all_of_them(protocol: str, header: Any) -> None:
    page = Page(protocol)
    verdict = page.send(page.pack("shell", header, execute(CELLS[0])))
    assert page.is_refused(verdict)
    assert not verdict.to_visitor


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize("value", [1, ["x"], {"x": 1}, "a\nb"])
def test_a_subshells_name_is_a_word_or_nothing(protocol: str, value: Any) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say("shell", "kernel_info_request", subshell_id=value))


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize(
    "date",
    [
        None,
        1,
        "yesterday",
        "2026-01-02T03:04:05Z; x",
        ["2026-01-02T03:04:05Z"],
        "\u0662026-01-02T03:04:05Z",
        "2026-02-30T03:04:05Z",
        "2026-01-02T24:04:05Z",
        "0000-01-02T03:04:05Z",
        "2026-01-02T03:04:05+99:99",
    ],
)
def test_a_date_that_is_none_goes_no_further(protocol: str, date: Any) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(
        page.send(page.pack("shell", head("execute_request", date=date), execute(CELLS[0])))
    )
    assert "date" not in seen.header


def test_a_header_with_a_key_twice_is_refused() -> None:
    header = HEADER[:-1] + b',"msg_type":"kernel_info_request"}'
    assert not v1(strict.pack_v1(b"shell", header, b"{}", b"{}", CONTENT)).to_instance
    assert not legacy(text(header=header)).to_instance


def test_what_is_too_long_is_refused() -> None:
    for message in (
        b"x" * (MAX_MESSAGE + 1),
        strict.pack_v1(b"shell", HEADER[:-1] + b" " * MAX_HEADER + b"}", b"{}", b"{}", CONTENT),
        strict.pack_v1(b"shell", HEADER, b"{}", b"{}", CONTENT + b" " * MAX_JSON),
    ):
        assert v1(message).refused
    assert legacy(text() + " " * MAX_JSON).refused
