"""Hypothesis strategies, shared by the suites."""
