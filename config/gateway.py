"""`[gateway]`: the doors visitors and operators come through."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from config.pools import MIB
from config.section import Section
from config.values import (
    HeaderToken,
    Host,
    Networks,
    Origins,
    Port,
    PublicUrl,
    SessionDomain,
    SigningSecret,
    Size,
    StateDir,
)


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class OnStop(StrEnum):
    """Which instances outlive the gateway."""

    KEEP_ALL = "keep_all"
    KEEP_ASSIGNED = "keep_assigned"
    REMOVE_ALL = "remove_all"


class GatewaySettings(Section):
    """Addresses, trust and tokens of the gateway itself."""

    host: Host = "127.0.0.1"
    """Address visitors are served on. `0.0.0.0` or `::` opens the door to the network; the `process` engine
    refuses anything but loopback."""

    port: Port = 8000
    """TCP port visitors are served on; 0 takes any free one. The environment's `PORT` wins over a file."""

    admin_host: Host = "127.0.0.1"
    """Address of metrics, admin API and dashboard. Anything but loopback asks for `admin_token`."""

    admin_port: Port = 8001
    """TCP port of metrics, admin API and dashboard; 0 takes any free one."""

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that carry visitors' traffic. 1: the gateway does it itself, which is enough for hundreds of
    notebooks. More: that many processes behind one port, for machines with cores to spare; the gateway keeps
    the pool and its own pages."""

    public_url: PublicUrl = ""
    """Absolute base visitors use when another proxy stands in front, such as `https://example.org/notebooks`;
    it may carry a path. Empty: addresses are relative to what the visitor asked for."""

    session_domain: SessionDomain = ""
    """Host mode: each session gets a host of its own below this domain, such as `notebooks.example.org`, with
    scheme, port and path of `public_url`, so that visitors do not share an origin. Asks for a wildcard DNS
    record and, for https, a wildcard certificate. Empty: path mode, all sessions are paths of one host.
    Addresses of sessions that live when it is changed lead nowhere any more."""

    embed_origins: Origins = ()
    """Sites that may frame notebooks and call the API from their pages (the CORS list), each as
    `scheme://host[:port]`. `*` alone lets every site do so: anybody's page can then start and drive notebooks
    for its readers, also from a file or a sandboxed frame (`Origin: null`). Empty: none."""

    api_token: HeaderToken = SecretStr("")
    """Asked for on `/api/spawn` when set. Empty: anybody who reaches the port may start a session."""

    admin_token: HeaderToken = SecretStr("")
    """Asked for on the admin port when set. Required when `admin_host` is not loopback."""

    trusted_proxies: Networks = ()
    """Networks whose `X-Forwarded-*` headers are believed. A network that is too wide lets visitors forge
    their address. Empty: nobody's."""

    state_dir: StateDir = ""
    """Folder of the journal and the generated secret; two gateways never share one. Empty:
    `/var/lib/warmgate/<gateway_id>` as root, else `$XDG_STATE_HOME/warmgate/<gateway_id>`, else
    `~/.local/state/warmgate/<gateway_id>`."""

    secret: SigningSecret = SecretStr("")
    """What session ids and instance tokens are made from; at least 16 characters. Empty: generated once and
    kept in the state folder, readable by its owner only. A new one ends every session: ids and tokens
    follow from it."""

    asset_cache: Size = 64 * MIB
    """Memory of the gateway for static files of images. What an instance without a visitor has answered is
    answered to all visitors of its pool for as long as that answer allows; JupyterLab takes 5 MiB. 0 turns it
    off: then every page gets its files from its own instance, as it does from `workers`."""

    log_format: LogFormat = LogFormat.AUTO
    """How log lines are written: `console` for people, `json` for machines; `auto` is `console` on a
    terminal, else `json`."""

    on_stop: OnStop = OnStop.KEEP_ASSIGNED
    """Which instances stay when the gateway stops, for the next start to find: `keep_all`,
    `keep_assigned` (warm ones are removed), or `remove_all` (every visitor loses their work)."""
