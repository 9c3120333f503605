"""The files of the product that the local cloud runs: the template, the functions and the sample events."""

from pathlib import Path

_PACKAGED = Path(__file__).parent / "stack"
"""Where a wheel stores them; in a checkout they are in its top folder."""

FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2]
TEMPLATE = FOLDER / "template.yaml"
EVENTS = FOLDER / "events"
DOCUMENTS = EVENTS / "documents"
