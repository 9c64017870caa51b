"""Learning from a few labels where songs belong. Imported by the worker process only, save ``task``."""
