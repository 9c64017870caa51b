"""Miners beside baselines: real owners' lists, few labels, everything else to be placed."""
