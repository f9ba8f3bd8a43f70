"""Judges what is said on the websocket of the published kernel, in either format."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.policy.jupyter import replies
from gateway.policy.jupyter.decision import Decision, Forward, Refuse, Standing
from gateway.policy.jupyter.limits import ABORTING, MAX_JSON, MAX_MESSAGE
from gateway.policy.jupyter.rules import ON_SUBSHELL, judge, stops_on_error
from gateway.policy.jupyter.wire.message import Header, Said, Unreadable, Wire
from gateway.policy.jupyter.wire.taught import OWN
from gateway.policy.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.jupyter.known import KnownKernel
    from gateway.policy.pace import Paces
    from gateway.policy.verdict import Message

EXECUTE = ("shell", "execute_request")


class KernelConversation:
    """One websocket, one client: every message is of the `session` that the first one named.

    A refused request is answered here, in the page's format. What cannot be read has nobody to answer to.
    """

    def __init__(
        self,
        wire: Wire,
        cells: frozenset[str],
        kernel: KnownKernel,
        paces: Paces,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._wire = wire
        self._standing = Standing(cells, kernel)
        self._clock = clock
        self._paces = paces
        self._session: str | None = None
        self._has_asked = False
        self._aborting_until = -math.inf

    def from_visitor(self, message: Message) -> Verdict:
        """Return what becomes of a message of the page."""
        try:
            said = self._read(message)
        except Unreadable as error:
            return Verdict(refused=str(error), active=False)
        decision = self._decide(said)
        if isinstance(decision, Refuse):
            return self._refuse(said, decision)
        if isinstance(decision, Forward):
            return self._forward(said, decision)
        return Verdict(to_visitor=self._written(replies.answered(said, decision.content)), active=False)

    def from_instance(self, message: Message) -> Verdict:
        """Return what becomes of a message of the server: it passes as it is, unless we had asked."""
        heard = self._wire.hear(message)
        if heard is not None:
            self._standing.kernel.hear(heard)
            if heard.channel == "stdin" and heard.type == "input_request":
                self._standing.asked = True
            if heard.parent.startswith(OWN):
                return Verdict(active=False)
        return Verdict(to_visitor=(message,), active=False)

    def _read(self, message: Message) -> Said:
        if len(message) > MAX_MESSAGE:
            raise Unreadable("a message that is too long")
        # No more than this of it is JSON, which is what takes time to read.
        if not self._paces.allows_bytes(min(len(message), MAX_JSON)):
            raise Unreadable("too much at once")
        if not self._paces.allows_parts(self._wire.parts(message)):
            raise Unreadable("too many values at once")
        return self._wire.read(message)

    def _decide(self, said: Said) -> Decision:
        if not self._paces.allows_message():
            return Refuse("too many messages at once")
        if self._session is None:
            self._session = said.header.session
        if said.header.session != self._session or said.header.msg_id.startswith(OWN):
            return Refuse("another client's name")
        return judge(said, self._standing)

    def _forward(self, said: Said, decision: Forward) -> Verdict:
        if _place(said) == EXECUTE and self._clock() < self._aborting_until:
            return Verdict(to_visitor=self._written(replies.aborted(said)), refused="behind a refused cell")
        # One the kernel does not have would get no answer; the main thread gives the same, a little later.
        subshell = said.header.subshell
        stays = said.header.msg_type in ON_SUBSHELL and self._standing.kernel.has_subshell(subshell)
        header = said.header if stays else replace(said.header, subshell="")
        forwarded = Said(said.channel, header, decision.content, decision.metadata, buffers=said.buffers)
        first = [_closing(header, comm) for comm in decision.closes]
        if not self._has_asked:
            first.insert(0, _question(said))
        self._has_asked = True
        return Verdict(to_instance=self._written([*first, forwarded]), active=decision.active)

    def _refuse(self, said: Said, decision: Refuse) -> Verdict:
        if _place(said) == EXECUTE and stops_on_error(said):
            self._aborting_until = self._clock() + ABORTING
        return Verdict(to_visitor=self._written(replies.refused(said, decision.why)), refused=decision.why)

    def _written(self, said: list[Said]) -> tuple[Message, ...]:
        return tuple(self._wire.write(each) for each in said)


def _question(said: Said) -> Said:
    """Return the question which comms there are. Asked once on every connection: a page that comes back after
    this process was started anew speaks to comms that were announced to the one before.

    Named after the message it goes before, because kernels take no message twice (jupyter_client, session.py,
    `digest_history`).
    """
    name = f"{OWN}{said.header.msg_id}"
    return Said("shell", Header(name, "comm_info_request", replies.SESSION, date=said.header.date), {})


def _closing(header: Header, comm: str) -> Said:
    """Return what closes a page's comm, on the thread of the kernel that the message behind it goes to."""
    own = replace(header, msg_id=f"{OWN}{comm}", msg_type="comm_close", session=replies.SESSION, username="")
    return Said("shell", own, {"comm_id": comm, "data": {}})


def _place(said: Said) -> tuple[str, str]:
    return said.channel, said.header.msg_type
