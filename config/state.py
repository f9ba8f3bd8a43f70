"""Where a gateway keeps what must outlive it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import Settings

ROOT_STATE = Path("/var/lib")


def state_dir(settings: Settings, environ: Mapping[str, str], uid: int) -> Path:
    """Work out the state folder; nothing is looked at or made.

    The one configured; else below /var/lib for root (`uid` 0), below XDG_STATE_HOME if that is absolute
    (XDG Base Directory Specification: a relative one is ignored), or below ~/.local/state. Raises
    ConfigError when a home folder is needed and HOME names none.
    """
    configured = settings.gateway.state_dir
    if configured.startswith("~/"):
        return _home(environ, configured) / configured.removeprefix("~/")
    if configured:
        return Path(configured)
    if uid == 0:
        base = ROOT_STATE
    elif environ.get("XDG_STATE_HOME", "").startswith("/"):
        base = Path(environ["XDG_STATE_HOME"])
    else:
        base = _home(environ, configured) / ".local" / "state"
    return base / "warmgate" / settings.engine.gateway_id


def _home(environ: Mapping[str, str], configured: str) -> Path:
    home = environ.get("HOME", "")
    if not home.startswith("/"):
        raise ConfigError(
            Problem("gateway.state_dir", f'"{configured}"', "an absolute folder, as HOME does not name one")
        )
    return Path(home)
