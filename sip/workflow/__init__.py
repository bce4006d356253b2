"""Moves recommendations to their next stage: it asks the rooms below whether what the stage demands is done."""
