"""Pages that look into every room: the home page, help, the design page."""
