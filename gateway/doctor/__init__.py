"""What `warmgate doctor` looks at. Every part looks first, and then judges what it saw without any I/O."""
