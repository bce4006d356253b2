"""The board's review of a recommendation, its answer, and the commitments that follow."""
