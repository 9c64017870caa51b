"""Recommenders of artists: one small interface, and what implements it."""
