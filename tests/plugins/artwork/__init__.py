"""Pictures of albums, against make-believe services behind a real socket."""
