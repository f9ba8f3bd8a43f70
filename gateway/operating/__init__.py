"""What the operator sees of a running gateway."""
