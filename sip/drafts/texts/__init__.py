"""Algorithms on texts alone: differences, comparison for readers, three-way merge, carried passages."""
