"""intake: what arrives is checked and becomes changes on the queue, or one rejection."""
