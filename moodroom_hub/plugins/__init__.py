"""The plugins that come with the hub. They load exactly like foreign ones; the app hands this list to the core."""

BUILTIN_PLUGINS = (
    "moodroom_hub.plugins.sampling",
    "moodroom_hub.plugins.demotion",
    "moodroom_hub.plugins.top_up",
    "moodroom_hub.plugins.status_page",
    "moodroom_hub.plugins.mqtt",
    "moodroom_hub.plugins.buttons",
    "moodroom_hub.plugins.local_mining",
    "moodroom_hub.plugins.llm_mining",
    "moodroom_hub.plugins.sorter",
    "moodroom_hub.plugins.radio",
    "moodroom_hub.plugins.metadata",
    "moodroom_hub.plugins.artwork",
    "moodroom_hub.plugins.scrobbling",
    "moodroom_hub.plugins.spotify",
    "moodroom_hub.plugins.sonos",
)
