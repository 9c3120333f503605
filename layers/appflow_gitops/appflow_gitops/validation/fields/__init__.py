"""The fields that tasks use, checked against those that connectors describe (AFG4xx). ``check`` is the entry point."""
