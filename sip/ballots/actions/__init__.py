"""Everything that changes ballots, votes and proxies."""
