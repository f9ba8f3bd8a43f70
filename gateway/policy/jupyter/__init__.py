"""View mode for Jupyter: readers run the author's cells and move their widgets, and change nothing else."""

from gateway.policy.jupyter.policy import JupyterPolicy

__all__ = ["JupyterPolicy"]
