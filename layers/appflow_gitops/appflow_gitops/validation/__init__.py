"""Validate a document: parse it, check its shape, run the rules and the policy. ``validate`` is the entry point."""
