"""The rules across fields, one small class each. ``registry`` collects them."""
