"""Plan and apply: what happens to a change, pure but for the ports that ``aws`` serves and the tests fake."""
