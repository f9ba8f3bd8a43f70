from __future__ import annotations

import pytest

from pool.kinds.jupyter.kind import Jupyter
from pool.kinds.pluto.kind import Pluto

NOTEBOOKS = [
    (Jupyter(), "notebooks/welcome.ipynb"),
    (Jupyter(), "lab/tree/a/b.ipynb"),
    (Pluto(), "edit"),
]
OTHERS = [(Jupyter(), "tree"), (Jupyter(), "api/contents/notebooks/a.ipynb"), (Pluto(), "ping")]


@pytest.mark.parametrize(("kind", "path"), NOTEBOOKS)
def test_a_notebooks_page_gets_one_whole_script_that_does_nothing_outside_of_a_frame(
    kind: Jupyter | Pluto, path: str
) -> None:
    script = kind.page_script(path)
    assert script.startswith(b"<script>")
    assert script.endswith(b"</script>")
    assert b"window.parent === window" in script
    assert script.count(b"<script>") == script.count(b"</script>")


@pytest.mark.parametrize(("kind", "path"), OTHERS)
def test_other_pages_stay_as_they_are(kind: Jupyter | Pluto, path: str) -> None:
    assert kind.page_script(path) == b""
