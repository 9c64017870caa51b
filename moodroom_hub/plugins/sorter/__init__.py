"""The sorter: a few labels, and liked songs keep themselves in the owner's own playlists."""
