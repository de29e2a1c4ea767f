"""A city on disk: its folder and record, the checks of its parts, its summary and fingerprint."""
