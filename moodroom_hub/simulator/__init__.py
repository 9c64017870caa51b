"""A make-believe home: a seeded world that knows what was really heard, and a strict Spotify in front of it."""
