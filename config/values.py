"""Types of single settings: what each accepts, and the sentence a wrong value is answered with.

Checks raise ValueError with what *is* allowed as text; `config.problems` adds key and value.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from config import addresses
from config.units import parse_duration, parse_size

MIN_SECRET_LENGTH = 16  # characters; 96 bits when written in base64
PLACEHOLDERS = ("port", "base_path", "token", "ip")

_POOL_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)
_GATEWAY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
_IMAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._/:@-]{0,254})?", re.ASCII)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ID = r"([0-9]{1,10}|[a-z_][a-z0-9_-]{0,31})"
_USER = re.compile(rf"{_ID}(:{_ID})?", re.ASCII)
_TMPFS = re.compile(r"((?:/[A-Za-z0-9._-]+)+)(:[A-Za-z0-9_=,]+)?", re.ASCII)
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_][a-z0-9_]*)\}", re.ASCII)  # ${name} is a shell's own
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\\]")
_BLANK = re.compile(r"[\x00-\x20\x7f]")

_PATH_ALLOWED = "a relative path such as notebooks/welcome.ipynb: no scheme, no leading /, no .. and no \\"


class Shown(StrEnum):
    """How a setting is written for people; a marker in the field's metadata."""

    SIZE = "size"
    DURATION = "duration"
    HIDDEN = "hidden"
    NAMES_ONLY = "names only"


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "a number")
    return value


def _budget(value: object) -> int | Literal["auto"]:
    if value == "auto":
        return "auto"
    try:
        return parse_size(value)
    except ValueError as error:
        raise ValueError(f"auto, or {error}") from None


def _matching(pattern: re.Pattern[str], allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(allowed)
        return value

    return AfterValidator(check)


def _relative_path(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError(_PATH_ALLOWED) from None
    path = unquote(parts.path)
    climbs = path.startswith("/") or ".." in path.split("/")
    if (
        parts.scheme
        or parts.netloc
        or climbs
        or value != value.strip()
        or _UNPRINTABLE.search(unquote(value))
    ):
        raise ValueError(_PATH_ALLOWED)
    return value


def _header_token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if _BLANK.search(text) or not text.isascii():
        raise ValueError("visible ASCII characters without blanks, as it travels in a header")
    return value


def _signing_secret(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < MIN_SECRET_LENGTH:
        raise ValueError(f"at least {MIN_SECRET_LENGTH} characters, or empty to have one generated")
    return value


def _state_dir(value: str) -> str:
    if value and (not value.startswith(("/", "~/")) or "\0" in value):
        raise ValueError("an absolute folder such as /var/lib/warmgate, one below ~/, or empty")
    return value


def _command(value: tuple[str, ...]) -> tuple[str, ...]:
    if value and not value[0]:
        raise ValueError("a list whose first entry names a program")
    for word in value:
        if "\0" in word:
            raise ValueError("words without NUL characters")
        for name in _PLACEHOLDER.findall(word):
            if name not in PLACEHOLDERS:
                known = " ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                raise ValueError(f"words in which {known} are filled in; {{{name}}} is none of them")
    return value


def _env(value: Mapping[str, str]) -> Mapping[str, str]:
    for name, text in value.items():
        if not _ENV_NAME.fullmatch(name):
            raise ValueError("names of letters, digits and _, not beginning with a digit")
        if "\0" in text:
            raise ValueError("values without NUL characters")
    return value


def _tmpfs(value: tuple[str, ...]) -> tuple[str, ...]:
    folders = set()
    for each in value:
        found = _TMPFS.fullmatch(each)
        if found is None or {".", ".."} & set(found[1].split("/")):
            raise ValueError("absolute folders with options, such as /home/jovyan:size=64m,mode=0700")
        folders.add(found[1])
    if len(folders) != len(value):
        raise ValueError("each folder only once")
    return value


def _user(value: str) -> str:
    found = _USER.fullmatch(value)
    if value and (found is None or found[1] == "root" or not found[1].strip("0")):
        raise ValueError("a user other than root, such as 1000, 1000:100 or jovyan, or empty")
    return value


Count = Annotated[int, BeforeValidator(_no_bool)]
Cpus = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, le=1024, allow_inf_nan=False)]
Port = Annotated[Count, Field(ge=0, le=65535)]
Size = Annotated[int, BeforeValidator(parse_size), Shown.SIZE]
Budget = Annotated[int | Literal["auto"], BeforeValidator(_budget), Shown.SIZE]
Duration = Annotated[float, BeforeValidator(parse_duration), Field(gt=0), Shown.DURATION]
PoolName = Annotated[str, _matching(_POOL_NAME, "1 to 31 of a-z, 0-9 and -, not beginning with -")]
GatewayId = Annotated[
    str, _matching(_GATEWAY_ID, "1 to 63 letters, digits, _ . or -, beginning with a letter or digit")
]
Image = Annotated[str, _matching(_IMAGE, "a reference such as warmgate/jupyter or example.org/team/app:1.2")]
RelativePath = Annotated[str, AfterValidator(_relative_path)]
StateDir = Annotated[str, AfterValidator(_state_dir)]
Host = Annotated[str, AfterValidator(addresses.host)]
SessionDomain = Annotated[str, AfterValidator(addresses.session_domain)]
PublicUrl = Annotated[str, AfterValidator(addresses.public_url)]
Link = Annotated[str, AfterValidator(addresses.link)]
Origins = Annotated[tuple[str, ...], AfterValidator(addresses.origins)]
Networks = tuple[Annotated[addresses.Network, BeforeValidator(addresses.network)], ...]
HeaderToken = Annotated[SecretStr, AfterValidator(_header_token), Shown.HIDDEN]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret), Shown.HIDDEN]
Command = Annotated[tuple[str, ...], AfterValidator(_command)]
Env = Annotated[Mapping[str, str], AfterValidator(_env), Shown.NAMES_ONLY]
Tmpfs = Annotated[tuple[str, ...], AfterValidator(_tmpfs)]
User = Annotated[str, AfterValidator(_user)]
