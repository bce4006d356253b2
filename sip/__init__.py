"""Smart in Progress: a large cooperative deliberates."""
