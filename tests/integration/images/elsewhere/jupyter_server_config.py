"""As docker-stacks' own."""

c = get_config()  # type: ignore[name-defined] # noqa: F821 - Jupyter gives it
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.open_browser = False
c.FileContentsManager.delete_to_trash = False
c.InlineBackend.figure_formats = {"png", "jpeg", "svg", "pdf"}
