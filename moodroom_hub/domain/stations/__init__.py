"""Stations: radios of seed artists that bend to what is liked and skipped. Pure rules."""
