"""apply: changes from the queue are made live and reported."""
