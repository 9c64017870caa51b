"""What a hub loads as its plugin ``sonos``: the real one, whose way leads into a household of this process."""

from tests.plugins.sonos.virtual_lab import Plugin

__all__ = ["Plugin"]
