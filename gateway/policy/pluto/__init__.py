"""The rules of view mode for Pluto."""
