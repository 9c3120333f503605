"""Documents: the bytes of a file become flows in UpdateFlow's form, with the position of every value.

``read`` is the entry point; ``validation`` calls it. Any bytes give flows and findings (``AFG0xx``), no exception.
"""
