"""What ``make docs`` writes about the events: docs/status-events.md and their JSON Schemas; see ``reference``."""
