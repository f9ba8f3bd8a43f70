"""What a reader's page may say to Pluto, and what it hears when it may not."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from tests.unit.gateway.policy.pluto.page import NOTEBOOK, PRODUCT, SLIDER, TEXT, Page, bond, read


def sent_on(page: Page, kind: str, body: Any = None, **others: Any) -> dict[str, Any]:
    """Say it; return the one message that reaches the server."""
    verdict = page.say(kind, body, **others)
    assert verdict.refused == ""
    assert verdict.to_visitor == ()
    (message,) = read(verdict.to_instance)
    return message


def only_a_reset(messages: tuple[bytes | str, ...]) -> dict[str, Any]:
    """Return the one message to the server, which asks for the whole state and says nothing else."""
    (message,) = read(messages)
    assert (message["type"], message["body"], message["notebook_id"]) == ("reset_shared_state", {}, NOTEBOOK)
    return message


def test_a_page_gets_to_know_its_notebook() -> None:
    page = Page()
    assert sent_on(page, "connect")["notebook_id"] == NOTEBOOK
    assert sent_on(page, "update_notebook", {"updates": []})["body"] == {"updates": []}
    assert sent_on(page, "current_time")["body"] == {}


def test_a_message_that_names_no_notebook_is_about_the_published_one() -> None:
    page = Page()
    message = page.message("connect")
    del message["notebook_id"]
    (forwarded,) = read(page.conversation.from_visitor(msgpack.packb(message)).to_instance)
    assert forwarded["notebook_id"] == NOTEBOOK


@pytest.mark.parametrize(
    "value",
    [8, 0.5, "words", True, None, [1, "two"], {"name": "f", "data": b"\0"}, msgpack.ExtType(0x0D, bytes(8))],
)
@pytest.mark.parametrize("op", ["add", "replace"])
def test_a_widgets_value_reaches_the_notebook(value: Any, op: str) -> None:
    page = Page()
    message = sent_on(page, "update_notebook", {"updates": [bond("n", value, op), bond("größe", value, op)]})
    assert message["body"] == {"updates": [bond("n", value, op), bond("größe", value, op)]}
    assert (message["client_id"], message["request_id"]) == ("me", "r1")


def test_the_authors_cells_run_again() -> None:
    assert sent_on(Page(), "run_multiple_cells", {"cells": [PRODUCT, TEXT]})["body"] == {
        "cells": [PRODUCT, TEXT]
    }


def test_more_of_a_long_list_is_shown() -> None:
    wanted = {"objectid": "1a2b", "dim": 1, "cell_id": TEXT}
    assert sent_on(Page(), "reshow_cell", wanted)["body"] == wanted


def test_a_function_that_the_author_linked_is_called() -> None:
    wanted = {"cell_id": TEXT, "link_id": "abc", "input": {"a": [1]}}
    assert sent_on(Page(), "request_js_link_response", wanted)["body"] == wanted


def test_a_long_computation_can_be_stopped() -> None:
    assert sent_on(Page(), "interrupt_all")["body"] == {}


def test_a_sign_of_life_is_no_activity_and_a_slider_is() -> None:
    assert not Page().say("ping").active
    assert Page().bond("n", 1).active


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (bond("scale", 1000), "a name that no widget is bound to"),
        (bond("later", 1), "a name that no widget is bound to"),
        (bond("n", 1, "remove"), "a change that is no new value"),
        ({"op": "remove", "path": ["bonds", "n"]}, "a change that sets nothing"),
        ({"op": "replace", "path": ["bonds", "n"], "value": 8}, "something else than a value"),
        (
            {"op": "replace", "path": ["bonds", "n"], "value": {"value": 8, "x": 1}},
            "something else than a value",
        ),
        ({"op": "replace", "path": ["bonds", "n", "value"], "value": {"value": 8}}, "an edit"),
        ({"op": "replace", "path": ["bonds"], "value": {"n": {"value": 8}}}, "an edit"),
        ({"op": "replace", "path": ["bonds", 0], "value": {"value": 8}}, "a name that no widget is bound to"),
        ({"op": "replace", "path": [], "value": {"value": 8}}, "an edit"),
        ({"op": "replace", "path": "bonds/n", "value": {"value": 8}}, "an edit"),
        ({"op": "replace", "path": ["cell_inputs", SLIDER, "code"], "value": "run(`id`)"}, "an edit"),
        ({"op": "replace", "path": ["cell_order"], "value": []}, "an edit"),
        ({"op": "replace", "path": ["path"], "value": "/etc/passwd"}, "an edit"),
        ({"op": "replace", "path": ["process_status"], "value": "no_process"}, "an edit"),
        ({"op": "replace", "path": ["in_temp_dir"], "value": False}, "an edit"),
        ({"op": "replace", "path": ["metadata", "risky"], "value": {}}, "an edit"),
        (
            {"op": "replace", "path": ["bonds", "n"], "value": {"value": 8}, "x": 1},
            "a change that sets nothing",
        ),
        ({"op": ["replace"], "path": ["bonds", "n"], "value": {"value": 8}}, "a change that is no new value"),
        ("bonds", "a change that sets nothing"),
    ],
    ids=str,
)
def test_an_edit_is_undone_on_the_page_by_the_true_state(change: Any, why: str) -> None:
    page = Page()
    verdict = page.say("update_notebook", {"updates": [change]})
    assert verdict.refused == why
    assert verdict.to_visitor == ()
    reset = only_a_reset(verdict.to_instance)
    assert (reset["client_id"], reset["request_id"]) == ("me", "r1")


def test_a_batch_with_one_edit_in_it_is_refused_as_a_whole() -> None:
    edit = {"op": "replace", "path": ["cell_inputs", SLIDER, "code"], "value": "1"}
    verdict = Page().say("update_notebook", {"updates": [bond("n", 1), edit]})
    assert verdict.refused == "an edit"
    only_a_reset(verdict.to_instance)


@pytest.mark.parametrize(
    "body",
    [{}, {"updates": {}}, {"updates": [], "x": 1}, {"updates": [bond("n", 1)] * 257}, {"update": []}],
    ids=["nothing", "a map", "more", "too many", "another name"],
)
def test_no_list_of_changes_is_no_update(body: Any) -> None:
    only_a_reset(Page().say("update_notebook", body).to_instance)


@pytest.mark.parametrize(
    "cells",
    [[], ["00000009-0000-4000-8000-000000000000"], [SLIDER, "x"], [SLIDER, SLIDER], SLIDER, [[SLIDER]], None],
    ids=str,
)
def test_cells_that_are_not_the_authors_do_not_run_and_the_page_stops_waiting_for_them(cells: Any) -> None:
    verdict = Page().say("run_multiple_cells", {"cells": cells})
    assert verdict.refused
    (answer,) = read(verdict.to_visitor)
    assert answer["type"] == "run_feedback"
    assert answer["message"] == {"disabled_cells": {}}
    assert (answer["initiator_id"], answer["request_id"]) == ("me", "r1")
    # Under an id of its own, so that the page takes it for news and clears what it had shown as queued.
    assert only_a_reset(verdict.to_instance)["request_id"] not in {"r1", ""}


@pytest.mark.parametrize(
    ("kind", "body", "answer"),
    [
        ("complete", {"query": "run("}, "completion_result"),
        ("completepath", {"query": "/etc/"}, "completion_result"),
        ("complete_symbols", {}, "completion_result"),
        ("docs", {"query": "run(`id`)"}, "doc_result"),
        ("get_all_notebooks", {}, "notebook_list"),
        ("nbpkg_available_versions", {"package_name": "Plots"}, "🍕"),
        ("nbpkg_set_project_toml", {"toml": ""}, "🎃"),
        ("pkg_update", {}, "🦆"),
    ],
)
def test_what_an_editor_asks_is_answered_with_nothing_found(kind: str, body: Any, answer: str) -> None:
    verdict = Page().say(kind, body)
    assert verdict.to_instance == ()
    (said,) = read(verdict.to_visitor)
    assert (said["type"], said["initiator_id"], said["request_id"]) == (answer, "me", "r1")


@pytest.mark.parametrize("kind", ["shutdown_notebook", "restart_process"])
def test_ending_or_restarting_the_notebooks_process_never_reaches_the_server(kind: str) -> None:
    verdict = Page().say(kind, {"keep_in_session": False})
    assert verdict.refused == kind
    only_a_reset(verdict.to_instance)


@pytest.mark.parametrize(
    "kind", ["write_file", "", "UPDATE_NOTEBOOK", "update_notebook ", "eval", "connect\0"]
)
def test_an_unknown_message_is_answered_and_goes_no_further(kind: str) -> None:
    verdict = Page().say(kind, {"updates": [bond("n", 1)]})
    assert verdict.refused == "an unknown message"
    assert verdict.to_instance == ()
    (answer,) = read(verdict.to_visitor)
    assert (answer["initiator_id"], answer["request_id"]) == ("me", "r1")


@pytest.mark.parametrize("kind", ["connect", "ping", "interrupt_all", "reset_shared_state", "current_time"])
def test_a_message_that_needs_no_body_has_none(kind: str) -> None:
    verdict = Page().say(kind, {"keep": 1})
    assert verdict.refused == "a body where none belongs"


def test_another_notebook_cannot_be_spoken_of() -> None:
    verdict = Page().bond("n", 1, notebook_id="8f9e1d2c-0000-4000-8000-000000000002")
    assert verdict.refused == "another notebook"
    only_a_reset(verdict.to_instance)


def test_a_page_cannot_take_another_ones_name() -> None:
    page = Page()
    page.say("connect")
    verdict = page.bond("n", 1, client_id="somebody")
    assert verdict.refused == "an unsound envelope"
    assert verdict.to_instance == ()
    (answer,) = read(verdict.to_visitor)
    assert answer["initiator_id"] == "somebody"


@pytest.mark.parametrize(
    "others", [{"extra": 1}, {"notebook_id": 7}, {"body": []}, {"type": ["update_notebook"]}], ids=str
)
def test_an_envelope_with_anything_odd_in_it_is_refused(others: dict[str, Any]) -> None:
    page = Page()
    verdict = page.conversation.from_visitor(
        msgpack.packb({**page.message("update_notebook", {"updates": [bond("n", 1)]}), **others})
    )
    assert verdict.refused == "an unsound envelope"
    assert all(message["type"] == "reset_shared_state" for message in read(verdict.to_instance))


@pytest.mark.parametrize(
    "message",
    [
        "text",
        b"",
        b"\xc1",
        b"\x93\x01\x02\x03",
        msgpack.packb({"type": "connect"}),
        msgpack.packb({"type": "connect", "client_id": 1, "request_id": "a", "body": {}}),
        msgpack.packb({"type": "connect", "client_id": "a b", "request_id": "a", "body": {}}),
        msgpack.packb({"type": "connect", "client_id": "x" * 65, "request_id": "a", "body": {}}),
    ],
    ids=repr,
)
def test_what_cannot_be_read_goes_nowhere(message: bytes | str) -> None:
    verdict = Page().conversation.from_visitor(message)
    assert verdict.refused
    assert (verdict.to_instance, verdict.to_visitor) == ((), ())


def test_what_the_server_says_reaches_the_page_as_it_is() -> None:
    page = Page()
    for message in (b"\xc1 anything", "text", msgpack.packb({"type": "notebook_diff"})):
        assert page.conversation.from_instance(message).to_visitor == (message,)


def test_a_widget_that_appears_later_can_be_moved_if_the_authors_code_binds_its_name() -> None:
    page = Page()
    assert page.bond("later", 1).refused
    page.conversation.from_instance(
        msgpack.packb({"body": '<div><bond unique_id="a" def="later"><input></bond>'})
    )
    assert not page.bond("later", 1).refused


def test_a_visitors_own_words_shown_as_a_widget_do_not_make_a_name_bound() -> None:
    page = Page()
    page.conversation.from_instance(msgpack.packb({"body": '<bond def="scale"><input></bond>'}))
    assert page.bond("scale", 1000).refused == "a name that no widget is bound to"


def test_an_id_that_looks_like_one_of_ours_is_refused() -> None:
    verdict = Page().say("connect", request_id="warmgate-reset-1")
    assert verdict.refused
    assert verdict.to_instance == ()
