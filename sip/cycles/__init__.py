"""Cycles with their themes and milestones, and the offices."""
