"""Mining: how the liked songs become rooms. What miners are asked and answer, and what becomes of a pool's base."""
