"""What can go wrong between a browser and its instance: requests and sessions (W4xx), the relay (W5xx); and
what the admin port answers the operator's commands (W6xx).
"""

from __future__ import annotations

from config.errors import WarmgateError
from pool.core.states import Reason


class BadRequest(WarmgateError):
    """The request is malformed or can be read in more than one way, so nothing of it is forwarded."""

    code = "W401"
    status = 400
    visitor = "The browser sent something that could not be understood."
    remedy = "Only a faulty or hostile client sends this; if a browser does, look at the proxy in front."


class HeadTooLarge(BadRequest):
    """The request line or the header fields are larger than the named limits."""

    code = "W402"
    status = 431
    visitor = "The address or the headers of this request are too long."
    remedy = "Shorten the address, or clear the cookies of this site in the browser."


class SessionUnknown(WarmgateError):
    """The path names no session that ever was, or none exactly."""

    code = "W403"
    status = 404
    visitor = "There is no notebook at this address."
    remedy = "Start from the landing page; a session's address cannot be guessed or edited."


class SessionEnded(WarmgateError):
    """The session was there and is over."""

    code = "W404"
    status = 410
    visitor = "This notebook has ended."
    remedy = "See idle_timeout and max_age of the pool, and the log for the reason."

    def __init__(self, reason: str = "", pool: str = "") -> None:
        super().__init__(reason)
        self.pool = pool

    @staticmethod
    def of(reason: str, pool: str = "") -> SessionEnded:
        """Return the error that tells of an end for this reason."""
        kind = OutOfMemory if reason == Reason.OUT_OF_MEMORY else SessionEnded
        return kind(reason, pool)


class OutOfMemory(SessionEnded):
    """The session's instance used more memory than its pool allows, and was ended."""

    code = "W417"
    visitor = "This notebook has run out of memory."
    remedy = "Raise `memory` of the pool if this happens often; warmgate_out_of_memory_total counts it."


class MethodRefused(BadRequest):
    """The address does not answer this method.

    No address answers TRACE and CONNECT, which are for proxies of another kind (RFC 9110 sections 9.3.6 and
    9.3.8).
    """

    code = "W405"
    status = 405
    visitor = "This kind of request is not answered here."
    remedy = "Use one of the methods the answer's `Allow` names; no notebook needs TRACE or CONNECT."


class VersionRefused(BadRequest):
    """An HTTP version other than 1.0 and 1.1."""

    code = "W406"
    status = 505
    visitor = "This version of HTTP is not spoken here."
    remedy = "Let the proxy in front speak HTTP/1.1 to the gateway."


class CodingRefused(BadRequest):
    """A transfer coding other than chunked (RFC 9112 section 6.1)."""

    code = "W407"
    status = 501
    visitor = "The upload is encoded in a way that is not understood here."
    remedy = "Let the client use Content-Length or plain chunked encoding."


class ExpectationRefused(BadRequest):
    """An Expect field with anything but 100-continue (RFC 9110 section 10.1.1)."""

    code = "W408"
    status = 417
    visitor = "The browser expects something that cannot be promised here."
    remedy = "Nothing to do; only 100-continue is defined."


class UploadStalled(WarmgateError):
    """The visitor stopped in the middle of a request's body."""

    code = "W409"
    status = 408
    visitor = "The upload stopped on the way. Please try again."
    remedy = "Nothing to do, unless it happens often: then look at the network in front."


class Forbidden(WarmgateError):
    """The request lacks what opens this address: a token, or a method that may take an instance."""

    code = "W410"
    status = 403
    visitor = "This address is not open to you."
    remedy = "Send the configured token as `Authorization: token …`."


class ViewOnly(Forbidden):
    """The rules of view mode do not let this request pass."""

    code = "W421"
    visitor = (
        "This notebook is for reading: its sliders and its author's cells can be used, and nothing else."
    )
    remedy = "Nothing to do; `mode` of the pool says whether visitors may edit."


class LoginWanted(Forbidden):
    """A browser opened the admin port without the admin token: it may ask the person for it."""

    code = "W420"
    status = 401
    visitor = "This page asks for the admin token, as the password of any user name."
    remedy = "Type the admin_token of [gateway] as the password."


class ParserMissing(WarmgateError):
    """aiohttp runs without its C parser; the one in Python reads some requests differently."""

    code = "W413"
    remedy = "Install aiohttp's wheel for this platform and unset AIOHTTP_NO_EXTENSIONS."


class SpawnsLimited(WarmgateError):
    """One address asked for more notebooks in a minute than it may."""

    code = "W414"
    status = 429
    visitor = "Many notebooks were opened from your network just now. Please wait a moment."
    remedy = (
        "Raise spawns_per_minute of [limits] for a hall behind one address; if everybody meets this, "
        "trusted_proxies lacks the proxy in front."
    )

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class SessionsLimited(WarmgateError):
    """One address holds as many sessions and tickets as it may."""

    code = "W415"
    status = 429
    visitor = "As many notebooks are open from your network as may be. Close one to open another."
    remedy = (
        "Raise sessions_per_address of [limits] for a hall behind one address; if everybody meets this, "
        "trusted_proxies lacks the proxy in front."
    )


class TicketsFull(WarmgateError):
    """All places in the waiting lines are taken."""

    code = "W416"
    status = 429
    visitor = "Too many people are waiting for a notebook right now. Please try again in a moment."
    remedy = "Raise `max` or the memory budget; `tickets` of [limits] only says how many may wait."
    retry_after = 10.0


class AddressUnknown(WarmgateError):
    """The gateway has nothing at this address of the operator's door."""

    code = "W418"
    status = 404
    visitor = "There is nothing at this address."
    remedy = "See the table of the operator's addresses in the README."


class FormatRefused(WarmgateError):
    """oEmbed was asked for in a format other than JSON (oembed.com, section 2.3.2)."""

    code = "W422"
    status = 501
    visitor = "This is told as JSON only."
    remedy = "Ask with `format=json`, or without a format."


class InstanceUnreachable(WarmgateError):
    """The instance's server takes no connection, or closed it without an answer."""

    code = "W501"
    status = 502
    visitor = "The notebook's server does not answer. It may be restarting; please try again."
    remedy = "Look at the instance's state and log; out of memory is the usual reason."


class UpstreamTimeout(WarmgateError):
    """The instance's server took the request and stayed silent for longer than the named limit."""

    code = "W502"
    status = 504
    visitor = "The notebook's server took too long to answer."
    remedy = "See what the instance computes; long work belongs into a kernel, not into one request."


class UpstreamInvalid(WarmgateError):
    """The instance's server answered what is not HTTP, or could be read in more than one way."""

    code = "W503"
    status = 502
    visitor = "The notebook's server gave an answer that cannot be passed on."
    remedy = "Read the detail in the log: the program in the instance sends faulty HTTP."


class SessionBusy(WarmgateError):
    """More connections at once than one session may have."""

    code = "W504"
    status = 503
    visitor = "Too many requests at once for one notebook. Please wait a moment."
    remedy = "A page or script opens connections without end; close it."


class NotReady(WarmgateError):
    """The gateway has just started and does not know yet which sessions there are."""

    code = "W411"
    status = 503
    visitor = "The gateway is just starting. Please try again in a moment."
    remedy = "If it lasts, the engine does not answer: see /readyz."


class Disconnected(WarmgateError):
    """The visitor left before there was an answer; nobody reads this one."""

    code = "W412"
    status = 499
    visitor = "The connection was closed."
    remedy = "Nothing to do."


class InstanceUnknown(WarmgateError):
    """The admin port was asked for an instance that is not there, or not any more."""

    code = "W601"
    status = 404
    visitor = "There is no such instance."
    remedy = "See the ids there are with `warmgate ps`; an ended instance takes its output with it."
