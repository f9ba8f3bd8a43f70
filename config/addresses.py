"""Hosts, networks, origins and base addresses: what is accepted and the form it is kept in.

Every check raises ValueError whose text says what is allowed.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_LONGEST_NAME = 253
_HOST_NAME = re.compile(rf"(?=.{{1,{_LONGEST_NAME}}}\Z){_LABEL}(\.{_LABEL})*", re.ASCII)
_NUMBERS = re.compile(r"[0-9.]+", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*", re.ASCII)  # RFC 3986, 3.3, without escapes
_LABEL_LENGTH = 64  # characters of the longest label before a domain, with its dot (RFC 1035, 2.3.4)
_BLANK = re.compile(r"[\x00-\x20\x7f]")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST_ALLOWED = "an address such as 127.0.0.1, 0.0.0.0 or ::1, or a host name"
_URL_ALLOWED = "an absolute address such as https://example.org/notebooks: http or https, no query, no user"
_DOMAIN_ALLOWED = "a host name such as notebooks.example.org: no scheme, no port, no path, no *"
_LINK_ALLOWED = (
    "an absolute address such as https://example.org/course/a.ipynb: http or https, no user; or empty"
)
_ORIGIN_ALLOWED = (
    "origins such as https://example.org or http://localhost:3000, without a path, or * alone for every site"
)
_NETWORK_ALLOWED = "a network such as 10.0.0.0/8, or an address such as 127.0.0.1"


def is_loopback(host: str) -> bool:
    """Say whether a server bound to `host` is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_collide(one: str, other: str) -> bool:
    """Say whether servers bound to these two hosts cannot have the same port."""

    def plain(host: str) -> str:
        return "127.0.0.1" if host.lower() == "localhost" else host.lower()

    everything = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
    return plain(one) == plain(other) or one in everything or other in everything


def is_below(url: str, domain: str) -> bool:
    """Say whether the host of an absolute address is below a domain; the domain itself is not."""
    return (urlsplit(url).hostname or "").endswith(f".{domain}")


def host(value: str) -> str:
    """Accept an IP address or a host name."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if _NUMBERS.fullmatch(value) or not _HOST_NAME.fullmatch(value):
            raise ValueError(_HOST_ALLOWED) from None
    return value


def network(value: object) -> Network:
    """Accept one address or a network without bits behind its mask."""
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return value
    if not isinstance(value, str):
        raise ValueError(_NETWORK_ALLOWED)  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    try:
        found = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(_NETWORK_ALLOWED) from None
    if ipaddress.ip_address(value.partition("/")[0]) != found.network_address:
        raise ValueError(f"{found}, if that network is meant: the address has bits behind its mask")
    return found


def public_url(value: str) -> str:
    """Accept an absolute base address, or nothing; return it without a slash at its end."""
    if not value:
        return value
    base = _base(value)
    if base is None:
        raise ValueError(_URL_ALLOWED)
    scheme_and_host, parts = base
    path = parts.path.rstrip("/")
    if "?" in value or "#" in value or not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(_URL_ALLOWED)
    return scheme_and_host + path


def session_domain(value: str) -> str:
    """Accept a host name below which a label has room, or nothing; return it in lower case."""
    if not value:
        return value
    labels = value.split(".")
    # A name that ends in a number is read as an address (URL Standard, "ends in a number").
    named = _HOST_NAME.fullmatch(value) and not labels[-1].isdigit()
    if not named or len(value) + _LABEL_LENGTH > _LONGEST_NAME:
        raise ValueError(_DOMAIN_ALLOWED)
    return value.lower()


def link(value: str) -> str:
    """Accept the absolute address of a page elsewhere, or nothing."""
    if value and (not value.isprintable() or _base(value) is None):
        raise ValueError(_LINK_ALLOWED)
    return value


def origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept `*` alone, or origins, each returned as a browser writes it and only once."""
    if value == ("*",):
        return value
    found = {each: _origin(each) for each in value}
    wrong = [repr(each) for each, origin in found.items() if origin is None]
    if wrong:
        raise ValueError(f"{_ORIGIN_ALLOWED}; not {', '.join(wrong)}")
    return tuple(dict.fromkeys(origin for origin in found.values() if origin is not None))


def _origin(value: str) -> str | None:
    base = _base(value)
    if base is None or base[1].path or "?" in value or "#" in value:
        return None
    return base[0]


def _base(value: str) -> tuple[str, SplitResult] | None:
    """Scheme and host in a browser's spelling (RFC 6454, 6.2: lower case, no default port), and all parts."""
    if _BLANK.search(value):  # urlsplit drops some of these in silence
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
        name = host(parts.hostname or "")
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    bracketed = f"[{name}]" if ":" in name else name
    spellings = {bracketed, f"{bracketed}:{port}"}
    if default is None or port == 0 or parts.netloc.lower() not in spellings:
        return None
    suffix = "" if port in {None, default} else f":{port}"
    return f"{parts.scheme}://{bracketed}{suffix}", parts
