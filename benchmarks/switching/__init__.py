"""What the benchmark of the switches is made of."""
