"""A notebook's own page, and the same in a frame on another site: what both show, and where they are."""
