"""One file for each group of commands; each is imported when it is asked for."""
