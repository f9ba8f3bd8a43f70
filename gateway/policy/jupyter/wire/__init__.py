"""The two formats in which a page and a Jupyter server write a kernel's messages on a websocket."""
