"""What a flow is: the request models, a document's shape, the canonical form, and what differs from the live flow."""
