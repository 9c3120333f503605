"""Documents: the bytes of a file become flows in AppFlow's own words, each with the place of every value.

``read`` is the face of the package; ``rules.judging`` calls it. Whatever the bytes are, the answer is flows and
findings (``AFG0xx``), never an exception.
"""
