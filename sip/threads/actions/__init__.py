"""Everything that changes threads, comments and positions."""
