"""Tests of the recommenders of artists."""
