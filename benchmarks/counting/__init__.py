"""What counts as played: the hub and the seed's algorithm in the same simulated households, against the truth."""
