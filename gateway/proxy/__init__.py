"""The way of bytes between a visitor and the one instance that is theirs. See README.md."""
