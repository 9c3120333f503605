"""Limits that keep hostile documents from exhausting time or memory. Both text readers enforce them."""

MAX_BYTES = 1 << 20
"""Size of a file: 1 MiB, about three hundred typical flows."""

MAX_DEPTH = 64
"""Nesting of lists and objects. AppFlow's deepest member is at level 8."""

MAX_VALUES = 50_000
"""Values in one file, with aliases expanded: about five thousand tasks."""

MAX_ALIASES = 1_000
"""Aliases in one YAML file."""

MAX_DIRECTIVES = 16
"""Lines that start with ``%`` in one YAML file: libyaml compares each with all before it."""

MAX_FLOWS = 100
"""Flows in one file."""

MAX_FINDINGS = 100
"""Findings per file from reading it."""
