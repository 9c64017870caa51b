"""A hub that is killed at random moments, and the house around it that remembers what really happened."""
