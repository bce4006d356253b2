"""Meetings of bodies, with an agenda to which members propose points, and minutes."""
