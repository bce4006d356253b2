"""Ballots: a question put to the vote, who may answer it, proxies, and what came out."""
