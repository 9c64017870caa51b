"""The local miner."""
