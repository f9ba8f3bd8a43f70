"""What would change a Pluto notebook if it passed, and a few things that may pass. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack

from tests.hunt.shaking import Shaker, Twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

CODE = 'canary = scale = "caught"; write("canary.txt", "caught")'
PATH = "canary.txt"

NAMES = (
    "type", "client_id", "request_id", "body", "notebook_id", "cell_id", "updates", "cells", "op", "path",
    "value", "bonds", "cell_inputs", "cell_order", "code", "process_status", "metadata", "disabled", "n",
    "canary", "scale", "update_notebook", "run_multiple_cells", "reset_shared_state", "shutdown_notebook",
    "restart_process", "connect", "write_file", "remove", "replace", "add", "move", "nbpkg", "in_temp_dir",
)  # fmt: skip


class Prey:
    """Makes messages of one page of the notebook."""

    def __init__(self, rng: Random, notebook_id: str, cells: list[str]) -> None:
        self._rng = rng
        self._notebook_id = notebook_id
        self._cells = cells
        values = (CODE, PATH, notebook_id, *cells, {"value": CODE}, {"value": 1}, ["bonds", "canary"])
        self._shaker = Shaker(rng, NAMES, values)
        self._packer = msgpack.Packer(autoreset=True)

    def messages(self, client_id: str, count: int) -> Iterator[bytes | str]:
        """Yield so many messages in a page's name, or nearly."""
        for number in range(count):
            kind, body = self._rng.choice(self._wishes())
            message = {
                "type": kind,
                "client_id": client_id,
                "request_id": f"h{number}",
                "body": body,
                "notebook_id": self._notebook_id,
            }
            packed = self._shaker.torn(self._packed(self._shaker.shaken(message)))
            yield packed if self._rng.random() > 0.01 else packed.decode("latin-1")

    def _wishes(self) -> list[tuple[str, dict[str, Any]]]:
        cell, new = (
            self._rng.choice(self._cells),
            f"{self._rng.getrandbits(32):08x}-0000-4000-8000-000000000000",
        )

        def update(op: str, path: list[Any], value: Any) -> tuple[str, dict[str, Any]]:
            return "update_notebook", {"updates": [{"op": op, "path": path, "value": value}]}

        bond = {"op": "replace", "path": ["bonds", "n"], "value": {"value": self._rng.randrange(1, 100)}}
        edit = {"op": "replace", "path": ["cell_inputs", cell, "code"], "value": CODE}
        return [
            update("add", ["bonds", "canary"], {"value": "caught"}),
            update("replace", ["bonds", "canary"], {"value": "caught"}),
            update("add", ["bonds", "scale"], {"value": 1000}),
            update("replace", ["bonds"], {"canary": {"value": "caught"}}),
            update("replace", ["cell_inputs", cell, "code"], CODE),
            update("add", ["cell_inputs", new], {"cell_id": new, "code": CODE, "code_folded": False}),
            update("replace", ["cell_inputs"], {}),
            update("replace", ["cell_order"], [new]),
            update("replace", ["path"], PATH),
            update("replace", ["process_status"], "no_process"),
            update("replace", ["metadata", "frontmatter"], {"title": "caught"}),
            update("replace", ["cell_inputs", cell, "metadata", "disabled"], True),
            update("replace", [], {"cell_inputs": {}}),
            ("update_notebook", {"updates": [bond, edit]}),
            ("update_notebook", {"updates": [edit, bond]}),
            ("update_notebook", {"updates": [bond, {**bond, "path": ["bonds", "canary"]}]}),
            ("run_multiple_cells", {"cells": [new]}),
            ("run_multiple_cells", {"cells": [cell, new]}),
            ("shutdown_notebook", {"keep_in_session": False}),
            ("restart_process", {}),
            ("write_file", {"cell_id": cell, "file": b"caught", "name": PATH, "path": PATH}),
            ("complete", {"query": "write(", "query_full": CODE}),
            ("completepath", {"query": "/"}),
            ("docs", {"query": CODE}),
            ("nbpkg_set_project_toml", {"toml": ""}),
            ("pkg_update", {}),
            ("request_js_link_response", {"cell_id": cell, "link_id": "x", "input": CODE}),
            ("reshow_cell", {"objectid": "1", "dim": 1, "cell_id": cell}),
            ("get_all_notebooks", {}),
            ("interrupt_all", {"x": 1}),
            ("connect", {}),
        ]

    def _packed(self, value: Any) -> bytes:
        """Pack like a page, but for names that stand twice and heads that are longer than they must be."""
        if isinstance(value, dict):
            pairs = [*value.items(), *(value.again if isinstance(value, Twice) else ())]
            head = (
                b"\xdf" + len(pairs).to_bytes(4, "big")
                if self._rng.random() < 0.01
                else _map_head(len(pairs))
            )
            return head + b"".join(self._packed(part) for pair in pairs for part in pair)
        if isinstance(value, list):
            return b"\xdc" + len(value).to_bytes(2, "big") + b"".join(self._packed(each) for each in value)
        if isinstance(value, str) and self._rng.random() < 0.02:
            data = value.encode("utf-8", "surrogatepass")
            head = self._rng.choice((b"\xdb", b"\xc6"))
            return head + len(data).to_bytes(4, "big") + data
        packed: bytes = self._packer.pack(value)
        return packed


def _map_head(size: int) -> bytes:
    return bytes([0x80 | size]) if size < 16 else b"\xde" + size.to_bytes(2, "big")
