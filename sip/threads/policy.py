"""Who may take part in what people say of a passage, a section or a document."""
