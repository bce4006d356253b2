"""Everything that changes amendments, and what accepting one does to the text."""
