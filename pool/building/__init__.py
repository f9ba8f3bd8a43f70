"""Makes images: what goes into them, and how the engine is told to build them."""
