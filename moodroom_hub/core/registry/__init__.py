"""Finds, loads, starts and stops plugins, each in isolation, and knows how each of them is."""

from moodroom_hub.core.registry.candidates import ENTRY_POINT_GROUP as ENTRY_POINT_GROUP
from moodroom_hub.core.registry.registry import Registry as Registry
