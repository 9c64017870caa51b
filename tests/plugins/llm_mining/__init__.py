"""Mining by a model, against a make-believe one behind a real socket."""
