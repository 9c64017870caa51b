"""What learns, in its process and out of it."""
