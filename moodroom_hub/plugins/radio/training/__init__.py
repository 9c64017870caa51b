"""From folders of playlists to a model file."""
