"""Moodroom Hub: your own Spotify library as rooms that play for ever."""

__version__ = "0.1.0"
