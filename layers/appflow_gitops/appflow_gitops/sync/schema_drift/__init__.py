"""Schema drift: the fields of connectors change while documents still use them."""
