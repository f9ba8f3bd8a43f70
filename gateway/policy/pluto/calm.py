"""What makes Pluto's page calm: its editor's tools are out of sight, and code cannot be typed into."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent

CALM = b"<style>%b</style><script>%b</script>" % (
    (_HERE / "calm.css").read_bytes(),
    (_HERE / "calm.js").read_bytes(),
)
"""Put into the page's head."""
