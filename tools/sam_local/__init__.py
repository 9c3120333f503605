"""Run the functions in the containers of ``sam local`` against a local cloud: ``make sam-local``."""
