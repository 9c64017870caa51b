"""What the benchmark of the hub's footprint is made of."""

NOW_HEADER = "X-World-Ms"
"""A hub whose day passes in seconds says with each request to Spotify what time it is there."""

EPOCH_MS = 1_793_520_000_000
"""Where its day begins: 2026-11-01T08:00:00Z."""
