"""Semantic rules, each with an id, and the whole check of a document."""
