"""The real Jupyter server of the kinds' tests, for the rules that stand before it."""

from __future__ import annotations

from tests.integration.kinds.conftest import api, http, server

__all__ = ["api", "http", "server"]
