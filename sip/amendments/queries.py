"""Lookups of another text for a passage, its support and its answer."""
