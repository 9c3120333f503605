"""Generators of the pages in docs/ and the schemas in schemas/."""
