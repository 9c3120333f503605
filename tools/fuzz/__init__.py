"""Feed hostile bytes to the validation."""
