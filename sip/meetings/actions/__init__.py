"""Everything that changes meetings, their agendas, and points."""
