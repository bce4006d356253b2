"""Threads: what people say of a passage, a section or a whole document, and what the group makes of it."""
