"""Who may take part in another text for a passage, its support and its answer."""
