"""More than one process for visitors' traffic, one owner of the pool. See README.md."""
