"""The use case of ``intake``: an event becomes changes on the queue, or one rejection."""
