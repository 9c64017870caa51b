"""The configuration: a YAML file, overrides from the environment, and errors that say what to mend."""

from moodroom_hub.core.config.door import is_loopback, refuse_open_door
from moodroom_hub.core.config.emptied import emptied
from moodroom_hub.core.config.fields import Duration
from moodroom_hub.core.config.load import (
    LoadedConfig,
    find_config,
    load_config,
    plugin_config,
    unknown_plugins,
)
from moodroom_hub.core.config.models import (
    AnchorSection,
    BatchSection,
    DatabaseSection,
    HubSection,
    ListeningSection,
    PaletteSection,
    PluginConfig,
    RoomSection,
    Settings,
    WebSection,
    default_rooms,
)
from moodroom_hub.core.config.problems import ConfigError, Problem
from moodroom_hub.core.config.secret import SecretText
from moodroom_hub.core.config.show import json_schema, print_config

__all__ = [
    "AnchorSection",
    "BatchSection",
    "ConfigError",
    "DatabaseSection",
    "Duration",
    "HubSection",
    "ListeningSection",
    "LoadedConfig",
    "PaletteSection",
    "PluginConfig",
    "Problem",
    "RoomSection",
    "SecretText",
    "Settings",
    "WebSection",
    "default_rooms",
    "emptied",
    "find_config",
    "is_loopback",
    "json_schema",
    "load_config",
    "plugin_config",
    "print_config",
    "refuse_open_door",
    "unknown_plugins",
]
