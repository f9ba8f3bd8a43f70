"""Request lines, versions, hosts and fields: ids of Http11Probe (95bc6a9), COMP-* and RFC911*."""

from __future__ import annotations

from tests.compliance.arguments import NO_NAME, NO_VERSION, NOT_SPOKEN, ONE_SPACE, TWO_TYPES
from tests.compliance.case import (
    NO_SUCH_METHOD,
    NO_SUCH_VERSION,
    NOT_ALLOWED,
    REFUSED,
    Answered,
    AnsweredHere,
    Arrival,
    Case,
    Either,
    Refused,
    arrives,
    get,
    post,
    request,
)

LONG = "a" * 7900


def _line(
    name: str, line: str, outcome: Refused | Either = REFUSED, section: str = "9112 3", argued: str = ""
) -> Case:
    return Case(name, section, request(line, "Host: {host}"), outcome, argued=argued)


def _host(name: str, *fields: str, section: str = "9112 3.2") -> Case:
    return Case(name, section, request("GET {target} HTTP/1.1", *fields), REFUSED)


def _field(name: str, *fields: str, section: str) -> Case:
    return Case(name, section, get(*fields), REFUSED)


LINES = (
    Case("COMP-BASELINE", "9112 3", get(), arrives("GET")),
    Case(
        "RFC9112-2.2-BARE-LF-REQUEST-LINE", "9112 2.2", "GET {target} HTTP/1.1\nHost: {host}\r\n\r\n", REFUSED
    ),
    Case("RFC9112-3-CR-ONLY-LINE-ENDING", "9112 2.2", "GET {target} HTTP/1.1\rHost: {host}\r\n\r\n", REFUSED),
    _line(
        "RFC9112-3-MULTI-SP-REQUEST-LINE",
        "GET  {target} HTTP/1.1",
        Either(REFUSED, arrives("GET")),
        argued=ONE_SPACE,
    ),
    _line("RFC9112-3-MISSING-TARGET", "GET HTTP/1.1"),
    _line("RFC9112-3.2-FRAGMENT-IN-TARGET", "GET {target}#frag HTTP/1.1", section="9112 3.2"),
    _line("COMP-ASTERISK-WITH-GET", "GET * HTTP/1.1", section="9112 3.2.4"),
    _line("COMP-REQUEST-LINE-TAB", "GET\t{target} HTTP/1.1"),
    _line("COMP-SPACE-IN-TARGET", "GET {target} y HTTP/1.1", section="9112 3.2"),
    _line("COMP-METHOD-CASE", "get {target} HTTP/1.1", NO_SUCH_METHOD, section="9110 9.1"),
    _line("COMP-UNKNOWN-METHOD", "FOOBAR {target} HTTP/1.1", NO_SUCH_METHOD, section="9110 9.1"),
    Case(
        "COMP-OPTIONS-STAR",
        "9112 3.2.4",
        request("OPTIONS * HTTP/1.1", "Host: {host}"),
        AnsweredHere(frozenset({200, 204, 404, 405})),
    ),
    Case(
        "COMP-ABSOLUTE-FORM",
        "9112 3.2.2",
        request("GET http://{host}{target} HTTP/1.1", "Host: {host}"),
        arrives("GET"),
    ),
    Case(
        "COMP-LONG-URL-OK",
        "9112 3",
        request(f"GET {{target}}?{LONG} HTTP/1.1", "Host: {host}"),
        Answered((Arrival("GET", target="{target}?" + LONG),)),
    ),
    Case("COMP-LEADING-CRLF", "9112 2.2", "\r\n\r\n" + get(), arrives("GET")),
    Case(
        "COMP-METHOD-CONNECT",
        "9110 9.3.6",
        request("CONNECT example.com:443 HTTP/1.1", "Host: example.com:443"),
        NOT_ALLOWED,
    ),
    Case("COMP-METHOD-TRACE", "9110 9.3.8", get(method="TRACE"), NOT_ALLOWED),
    Case(
        "COMP-TRACE-WITH-BODY",
        "9110 9.3.8",
        get("Content-Length: 5", method="TRACE", body="hello"),
        NOT_ALLOWED,
    ),
    Case(
        "COMP-TRACE-SENSITIVE", "9110 9.3.8", get("Authorization: Bearer secret", method="TRACE"), NOT_ALLOWED
    ),
)
VERSIONS = (
    _line("RFC9112-2.3-INVALID-VERSION", "GET {target} HTTP/9.9", NO_SUCH_VERSION, "9112 2.3"),
    Case(
        "RFC9112-2.3-HTTP09-REQUEST", "9112 2.3", "GET {target}\r\n\r\n", NO_SUCH_VERSION, argued=NO_VERSION
    ),
    _line("COMP-HTTP12-VERSION", "GET {target} HTTP/1.2", NO_SUCH_VERSION, "9112 2.3", argued=NOT_SPOKEN),
    _line("COMP-VERSION-MISSING-MINOR", "GET {target} HTTP/1", section="9112 2.3"),
    _line("COMP-VERSION-LEADING-ZEROS", "GET {target} HTTP/01.01", section="9112 2.3"),
    _line("COMP-VERSION-WHITESPACE", "GET {target} HTTP/ 1.1", section="9112 2.3"),
    _line("COMP-VERSION-CASE", "GET {target} http/1.1", section="9112 2.3"),
    Case(
        "COMP-HTTP10-NO-HOST",
        "9112 3.2",
        request("GET {target} HTTP/1.0"),
        Either(
            AnsweredHere(frozenset({403})),
            Answered((Arrival("GET", version="1.0", host=False),), closes=True),
        ),
        argued=NO_NAME,
    ),
    Case(
        "COMP-HTTP10-DEFAULT-CLOSE",
        "9112 9.3",
        get(version="HTTP/1.0"),
        Answered((Arrival("GET", version="1.0"),), closes=True),
    ),
)
HOSTS = (
    _host("RFC9112-7.1-MISSING-HOST"),
    _host("RFC9110-5.4-DUPLICATE-HOST", "Host: {host}", "Host: other.example"),
    _host("COMP-DUPLICATE-HOST-SAME", "Host: {host}", "Host: {host}"),
    _host("COMP-HOST-WITH-USERINFO", "Host: user@{host}"),
    _host("COMP-HOST-WITH-PATH", "Host: {host}/path"),
    _host("COMP-HOST-EMPTY-VALUE", "Host: "),
)
FIELDS = (
    Case(
        "RFC9112-2.2-BARE-LF-HEADER",
        "9112 2.2",
        "GET {target} HTTP/1.1\r\nHost: {host}\nX-Test: value\r\n\r\n",
        REFUSED,
    ),
    Case(
        "COMP-WHITESPACE-BEFORE-HEADERS",
        "9112 2.2",
        request("GET {target} HTTP/1.1", " ", "Host: {host}"),
        REFUSED,
    ),
    _field("RFC9112-5.1-OBS-FOLD", "X-Test: value", " continued", section="9112 5.2"),
    _field("RFC9110-5.6.2-SP-BEFORE-COLON", "X-Test : value", section="9112 5.1"),
    _field("RFC9112-5-EMPTY-HEADER-NAME", ": empty-name", section="9112 5"),
    _field("RFC9112-5-INVALID-HEADER-NAME", "Bad[Name: value", section="9112 5"),
    _field("RFC9112-5-HEADER-NO-COLON", "NoColonHere", section="9112 5"),
    Case(
        "COMP-DUPLICATE-CT",
        "9110 5.3",
        post("Content-Length: 5", "Content-Type: text/plain", "Content-Type: text/html", body="hello"),
        Either(REFUSED, arrives("POST", "Content-Type: text/plain", "Content-Type: text/html", body="hello")),
        argued=TWO_TYPES,
    ),
)
CONFORMANCE_OF_LINES = (*LINES, *VERSIONS, *HOSTS, *FIELDS)
