"""Reading a streaming-history export: which files, which rows, and what became of each."""
