"""What receipts and listens tell over days and weeks: counts over time, and what listening taught. Pure rules."""
