"""Sorting songs into sublists: layers, what a song's place is, what is asked next, what is written. Pure."""
