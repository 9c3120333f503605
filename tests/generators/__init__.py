"""Hypothesis strategies for all test suites."""
