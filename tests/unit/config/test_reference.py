from __future__ import annotations

from pathlib import Path

import config
from config.show import reference

REFERENCE = Path(config.__file__).with_name("REFERENCE.md")
TITLE = "# Every key\n\n"


def test_the_reference_in_the_repository_is_what_the_settings_say() -> None:
    assert REFERENCE.read_text() == f"{TITLE}{reference()}\n", "write it anew with `make reference`"
