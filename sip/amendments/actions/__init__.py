"""Everything that changes amendments, their support and their answers."""
