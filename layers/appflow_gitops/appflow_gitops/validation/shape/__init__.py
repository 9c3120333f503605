"""The shape of a flow: unknown, missing and mistyped members, with hints."""
