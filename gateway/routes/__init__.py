"""One file a group of addresses. Handlers are thin: they ask the pools and answer."""
