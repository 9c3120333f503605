"""Flows: the request models, the live flow, the normal and canonical forms, and the diff between desired and live."""
