"""An author's own Jupyter image: their packages and notebooks on one of ours."""
