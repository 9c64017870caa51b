"""The hub and the seed system's algorithm in the same simulated homes, scored against what really happened."""
