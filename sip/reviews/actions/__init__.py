"""Everything that changes reviews, the board's answers, and commitments."""
