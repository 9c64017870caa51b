"""What makes a model out of playlists."""
