"""Recommendation documents: live text, versions, comparison, files."""
