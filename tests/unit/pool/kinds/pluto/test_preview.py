"""What an executed Pluto notebook shows, read from its state."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pool.kinds.pluto.messages import decode
from pool.kinds.pluto.preview import preview_of
from pool.kinds.preview import ERROR, STDOUT, Preview

RECORDED = Path(__file__).parents[4] / "julia" / "recordings" / "pluto-0.17.7-julia-1.5.3.json"
TRACE = "application/vnd.pluto.stacktrace+object"


def cell(code: str, body: Any = "", mime: str = "text/plain", **more: Any) -> dict[str, Any]:
    return {
        "input": {
            "code": code,
            "code_folded": more.pop("folded", False),
            "metadata": more.pop("metadata", {}),
        },
        "result": {"output": {"body": body, "mime": mime, "rootassignee": more.pop("name", None)}, **more},
    }


def of(*cells: dict[str, Any], **more: Any) -> Preview:
    ids = [f"{index:08}-0000-4000-8000-000000000000" for index in range(len(cells))]
    return preview_of(
        {
            "cell_order": ids,
            "cell_inputs": {name: each["input"] for name, each in zip(ids, cells, strict=True)},
            "cell_results": {name: each["result"] for name, each in zip(ids, cells, strict=True)},
            **more,
        }
    )


def recorded_state() -> dict[str, Any]:
    for frame in json.loads(RECORDED.read_text())["frames"]:
        message = decode(base64.b64decode(frame["b64"])) if frame["dir"] == "server" else {}
        if message.get("type") == "notebook_diff":
            for patch in message["message"]["patches"]:
                if patch["path"] == []:
                    state: dict[str, Any] = patch["value"]
                    return state
    raise LookupError("no state in the recording")


def test_a_real_plutos_state_is_read() -> None:
    preview = preview_of(recorded_state())
    assert (preview.title, preview.description) == ("", "The answer is 0")
    assert preview.outputs_first
    assert preview.language == "julia"
    slider, scale, _, sentence = preview.cells
    assert "<input type='range'" in slider.outputs[0].data["text/html"]
    assert (scale.source, scale.outputs[0].label, scale.outputs[0].data) == (
        "scale = 3",
        "scale",
        {"text/plain": "3"},
    )
    assert "<strong>0</strong>" in sentence.outputs[0].data["text/html"]


def test_front_matter_tells_title_description_authors_and_tags() -> None:
    front = {"title": "T", "description": "D", "author": [{"name": "Ada"}], "tags": ["a", "b"]}
    preview = of(cell('md"# H"', "<h1>H</h1>", "text/html"), metadata={"frontmatter": front})
    assert (preview.title, preview.description) == ("T", "D")
    assert (preview.authors, preview.tags) == (("Ada",), ("a", "b"))


def test_without_it_the_first_text_does() -> None:
    preview = of(cell("1", "1"), cell('md"# H"', "<div><h1>H</h1><p>P.</p></div>", "text/html"))
    assert (preview.title, preview.description) == ("H", "P.")


def test_a_folded_text_is_not_shown_as_code_and_folded_code_is_folded() -> None:
    text, code, seen = of(
        cell('md"""# H"""', "<h1>H</h1>", "text/html", folded=True),
        cell("f(x)", folded=True),
        cell('md"# H"', "<h1>H</h1>", "text/html"),
    ).cells
    assert (text.hidden, code.hidden, code.folded, seen.hidden) == (True, False, True, False)


def test_an_error_is_told_without_where_the_file_lies() -> None:
    frames = [{"call": "f", "file": "a.jl#==#1234", "path": "/srv/secret/a.jl#==#1234", "line": 3}, "odd"]
    (failed,) = of(cell("f()", {"msg": "oh no", "stacktrace": frames}, TRACE, errored=True)).cells
    assert failed.outputs[0].data == {ERROR: {"evalue": "oh no", "traceback": ["f (a.jl:3)"]}}


def test_what_a_cell_prints_is_shown_unless_its_author_hid_it() -> None:
    logs = [{"msg": ["hello", "text/plain"]}, {"msg": [{}, "x"]}, {}, None]
    (printing,) = of(cell("println()", logs=logs)).cells
    assert [output.data for output in printing.outputs] == [{STDOUT: "hello\n"}]
    assert of(cell("println()", logs=logs, metadata={"show_logs": False})).cells[0].outputs == ()


def test_pictures_are_bytes_and_nothing_is_shown_of_nothing() -> None:
    picture, nothing = of(cell("plot()", b"<svg/>", "image/svg+xml"), cell("nothing", "", "text/plain")).cells
    assert picture.outputs[0].data == {"image/svg+xml": b"<svg/>"}
    assert nothing.outputs == ()


KEYS = ["cell_order", "cell_inputs", "cell_results", "output", "body", "mime", "logs", "msg", "metadata", "a"]
odd = st.recursive(
    st.sampled_from(["a", "text/html", TRACE, None, 1, True, b"x"]) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(st.dictionaries(st.sampled_from(KEYS), odd))
def test_no_state_is_too_odd_to_be_read(state: dict[str, Any]) -> None:
    preview_of({"cell_order": ["a"], **state})
