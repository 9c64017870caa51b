"""Facts about the music, against a make-believe MusicBrainz behind a real socket."""
