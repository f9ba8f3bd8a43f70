"""Static files of an image, kept for all its instances."""
