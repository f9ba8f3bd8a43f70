"""What a notebook shows before it is opened: safe, static HTML made of what warming found."""
