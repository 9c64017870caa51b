"""What ``benchmarks.radio`` is made of."""
