"""Jupyter Server with JupyterLab or Notebook 7."""

from pool.kinds.jupyter.kind import Jupyter

__all__ = ["Jupyter"]
