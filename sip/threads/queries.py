"""Lookups of what people say of a passage, a section or a document."""
