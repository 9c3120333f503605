"""Rules that look across fields, one small class each. ``registry`` lists them."""
