"""Fixtures of the core's tests."""

from tests.core.plugin_lab import lab as lab
