"""Commands for maintainers: docs generators, fuzzing, and the comparison with real AWS."""
