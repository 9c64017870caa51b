"""Mining at home: rooms are learnt from a few labels and the owner's own lists, without account, key or network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moodroom_hub.plugins.local_mining.plugin import Plugin

__all__ = ["Plugin"]


def __getattr__(name: str) -> Any:
    """The plugin when it is asked for: the worker's process lives in this package too, and needs nothing of the hub."""
    if name == "Plugin":
        from moodroom_hub.plugins.local_mining.plugin import Plugin

        return Plugin
    raise AttributeError(name)
