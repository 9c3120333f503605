"""Status events: outcomes and drift, rendered for the event bus."""
