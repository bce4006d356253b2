"""Amendments: another text proposed for a passage, its support, the group's answer, and where a text comes from."""
