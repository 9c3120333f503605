"""The ports of ``sync``, served from memory and on a virtual clock: what unit tests and the simulation run against."""
