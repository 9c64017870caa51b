"""Plays in the hub: deciding what counts, keeping and showing it."""
