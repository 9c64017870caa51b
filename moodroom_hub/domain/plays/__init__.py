"""When a listen counts as played, and when two listens are one: pure rules."""
