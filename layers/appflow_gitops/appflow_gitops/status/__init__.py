"""Status events: what the world is told about each change."""
