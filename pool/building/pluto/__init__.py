"""An image of an author's Pluto notebooks, with a system image."""
