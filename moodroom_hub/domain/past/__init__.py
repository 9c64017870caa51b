"""The listener's past, as the service's own export tells it: rows, plays, verdicts, and what they say of a pool."""
