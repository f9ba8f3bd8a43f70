"""Decides which instances there are, and keeps it so. Knows nothing of HTTP servers or browsers."""
