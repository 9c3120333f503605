"""The use case of ``apply``: one change carried out and reported."""
