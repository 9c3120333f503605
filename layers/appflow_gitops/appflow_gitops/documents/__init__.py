"""Documents: the bytes of a file become flows in AppFlow's own words, each with the place of every value.

``read`` is the face of the package; ``rules.check`` calls it. Whatever the bytes are, the answer is flows and findings
(``AFG0xx``), never an exception.
"""

from appflow_gitops.documents.read import FlowSource, ReadDocument, read_document, read_value
from appflow_gitops.documents.reading_rules import READING_RULES

__all__ = ["READING_RULES", "FlowSource", "ReadDocument", "read_document", "read_value"]
