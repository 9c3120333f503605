"""The use case of ``detect_drift``: live flows compared with their documents."""
