"""The limits that keep a hostile document from using up time or memory. Both readers of text hold to them."""

MAX_BYTES = 1 << 20
"""The size of a file: 1 MiB, about three hundred flows as people write them."""

MAX_DEPTH = 64
"""Lists and objects inside each other. AppFlow's deepest member lies 8 deep."""

MAX_VALUES = 50_000
"""Values in one file, aliases counted with all that they stand for: about five thousand tasks."""

MAX_ALIASES = 1_000
"""Uses of anchors in one YAML file."""

MAX_DIRECTIVES = 16
"""Lines that start with ``%`` in one YAML file: libyaml compares each with all before it."""

MAX_FLOWS = 100
"""Flows in one file."""

MAX_FINDINGS = 100
"""Findings of one reading that are told about one file; further ones help nobody."""
