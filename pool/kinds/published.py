"""What of an author's notebook its readers may use in view mode."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Published:
    """Found out while an instance is made warm, before anybody has had it. Of JSON's types only, because the
    journal and workers are told it.
    """

    notebook: str
    """Pluto: the notebook's id. Jupyter: its path below the server's root."""
    cells: list[str] = field(repr=False)
    """The author's cells: with Pluto their ids, with Jupyter a digest of each source (`jupyter.sources`)."""
    bonds: list[str] = field(default_factory=list)
    """Pluto: the names that had a widget when the notebook had run."""
    bindable: list[str] = field(default_factory=list)
    """Pluto: the names that the author's code binds to a widget, shown or not."""
    session: str = ""
    """Jupyter: the id of the session that was made for the notebook."""
    kernel: str = ""
    """Jupyter: the id of its kernel."""
    kernel_name: str = ""
    """Jupyter: the kernel's specification, such as `python3`."""
