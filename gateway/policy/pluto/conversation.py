"""One websocket of a Pluto page: which messages reach the server, and how the others are answered. Pure.

A page applies what a reader does at once and waits for the server to agree; without an answer it would send
no slider's move any more (frontend/components/Editor.js, `last_update_notebook_task`). So every refusal is
answered, and the page is given the true notebook again: by asking the server for the whole state in the
refused message's own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.pluto import bodies, bonds, envelope
from gateway.policy.verdict import Verdict

if TYPE_CHECKING:
    from gateway.policy.pace import Pace, Paces
    from gateway.policy.pluto.bodies import Allowed
    from gateway.policy.pluto.envelope import Envelope
    from gateway.policy.verdict import Message

RESETS_AT_ONCE = 8.0
RESETS_PER_SECOND = 2.0
"""Whole states a session may ask for, itself or by what is refused: each is work for server and network."""

PART = 64.0
"""Bytes that a value counts for beside its own; it is counted as it is read."""

RESET = "reset_shared_state"
DIFF = "notebook_diff"
OURS = "warmgate-reset-"
"""Begins the ids of requests that no page has made. Pages' own ids hold no hyphen."""


class PlutoConversation:
    """Implements Conversation. `bindable` are the names that the author's code binds."""

    def __init__(
        self, notebook: str, allowed: Allowed, bindable: frozenset[str], *, paces: Paces, resets: Pace
    ) -> None:
        self._notebook = notebook
        self._allowed = allowed
        self._bindable = bindable
        self._paces = paces
        self._resets = resets
        self._client_id = ""
        self._asked = 0

    def from_visitor(self, message: Message) -> Verdict:
        """See Conversation."""
        if isinstance(message, str):
            return Verdict(refused="text")
        if not self._paces.allows_bytes(len(message)):
            return Verdict(refused="too much at once")
        try:
            found = envelope.read(message, self._paces.count_parts)
        except ValueError:
            return Verdict(refused="unreadable")
        if not self._paces.allows_message():
            return self._put_off(found, "too many messages")
        fault = self._fault(found)
        return self._refused(found, fault) if fault else self._judged(found)

    def from_instance(self, message: Message) -> Verdict:
        """Pass on what the server says, and learn which widgets it shows."""
        if isinstance(message, bytes):
            for name in bonds.shown_in(message):
                if name in self._bindable:
                    self._allowed.bonds.add(name)
        return Verdict(to_visitor=(message,))

    def _fault(self, found: Envelope) -> str:
        """Return what is wrong with who asks, or about what; empty if nothing is."""
        if not self._client_id:
            self._client_id = found.client_id
        if not found.sound or found.client_id != self._client_id or found.request_id.startswith(OURS):
            # The server would move another page's messages to whoever uses its id.
            return "an unsound envelope"
        return "" if found.notebook_id in {None, self._notebook} else "another notebook"

    def _judged(self, found: Envelope) -> Verdict:
        check = bodies.FORWARDED.get(found.kind)
        if check is None:
            return self._not_forwarded(found)
        try:
            body = check(found.body, self._allowed)
        except bodies.NotAllowed as why:
            return self._refused(found, str(why))
        if found.kind == RESET and not self._resets.allows(1):
            return self._put_off(found, "too many resets")
        forwarded = found.packed(found.kind, body, notebook_id=self._notebook)
        return Verdict(to_instance=(forwarded,), active=found.kind != "ping")

    def _not_forwarded(self, found: Envelope) -> Verdict:
        if found.kind in bodies.UNANSWERED:
            # A page that asked to restart shows so at once.
            return Verdict(to_instance=self._fresh_reset(found), refused=found.kind)
        answered = bodies.ANSWERED.get(found.kind)
        if answered is None:
            return self._refused(found, "an unknown message")
        kind, content = answered
        return Verdict(to_visitor=(found.answer(kind, content, notebook_id=self._notebook),), active=False)

    def _refused(self, found: Envelope, why: str) -> Verdict:
        """Answer so that the page goes on with the true notebook."""
        if found.client_id != self._client_id or found.request_id.startswith(OURS):
            # The server is told nothing in a name that may be somebody else's.
            return Verdict(to_visitor=(found.answer(DIFF, _nothing_done(why)),), refused=why)
        match found.kind:
            case "update_notebook" | "reset_shared_state":
                if not self._resets.allows(1):
                    return self._put_off(found, why)
                return Verdict(
                    to_instance=(found.packed(RESET, {}, notebook_id=self._notebook),), refused=why
                )
            case "run_multiple_cells":
                # The page shows the cells as waiting already, and holds its sliders back until they have run.
                answer = found.answer("run_feedback", {"disabled_cells": {}}, notebook_id=self._notebook)
                return Verdict(self._fresh_reset(found), (answer,), why)
            case "request_js_link_response":
                return Verdict(to_visitor=(found.answer("🐤", [False, why]),), refused=why)
            case _:
                return Verdict(to_visitor=(found.answer("refused", {}),), refused=why)

    def _put_off(self, found: Envelope, why: str) -> Verdict:
        """Answer without the state, which would be the server's work once more."""
        answer = found.answer(DIFF, _nothing_done(why), notebook_id=self._notebook)
        return Verdict(to_visitor=(answer,), refused=why)

    def _fresh_reset(self, found: Envelope) -> tuple[bytes, ...]:
        """Return what has the server send the whole state, as an answer that the page has not asked for."""
        if not self._resets.allows(1):
            return ()
        self._asked += 1
        asked = f"{OURS}{self._asked}"
        return (found.packed(RESET, {}, notebook_id=self._notebook, request_id=asked),)


def _nothing_done(why: str) -> dict[str, object]:
    """Return what Pluto says of an update that went wrong (src/webserver/Dynamic.jl). Without a `counter`,
    which pages would compare.
    """
    response = {"update_went_well": "👎", "why_not": why, "should_i_tell_the_user": False}
    return {"patches": [], "response": response}
