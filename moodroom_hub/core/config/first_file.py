"""The first configuration file: commented, and with nothing in it that has a default."""

from typing import Final

REDIRECT: Final = "http://127.0.0.1:7777/callback"

_TEMPLATE: Final = """\
# Moodroom Hub. Everything has a default; docs/configuration.md lists every key.
# Any value may be env:NAME or file:PATH, so that no secret needs to stand here.
# After a change: moodroom-hub check

plugins:
  spotify:
    # From your own app at developer.spotify.com/dashboard (its redirect address: {redirect}).
    # Then: moodroom-hub login
    client_id: {client_id}
    # Your account's country, two letters: tells which tracks can be played there.
    #market: DE
    # The device to wake where none is active, by its name in Spotify.
    #device: Living Room
  # Your MQTT broker: rooms become switches in Home Assistant and on the wall (moodroom-hub buttons learn).
  #mqtt:
  #  host: homeassistant.local
  #  username: moodroom
  #  password: env:MQTT_PASSWORD

# Who may reach the page: 127.0.0.1 is this machine alone. 0.0.0.0 is your whole network, and needs the password.
#web:
#  host: 0.0.0.0
#  port: 7777
#  password: env:MOODROOM_PASSWORD

#listening:
#  skip_threshold: 30s      # left before this: skipped
#  completion_margin: 8s    # heard to within this of the end: completed
#  repeat_window: 15        # no song again within so many tracks
#  cadence: normal          # or eco: asks Spotify less often

# How many tracks of each tier a batch holds.
#batch: {{confirmed: 5, safe_side: 4, discovery: 1}}

# Without this key there are six rooms: late-night, throwback-pop, house, rage, throwback-rap, after-hours.
# With it, exactly those that it names; one of the six keeps what you leave out.
#rooms:
#  late-night:
#  house:
#  sunday:
#    name: Sunday
#    description: slow, warm, nobody shouts
#    anchors: [{{name: Sunday Morning, artist: No Doubt}}]
#    avoid: [anything loud]
"""


def first_file(client_id: str | None = None, redirect: str = REDIRECT) -> str:
    """The file's text. ``redirect``: the address that the app at Spotify must know."""
    return _TEMPLATE.format(client_id=client_id or "null", redirect=redirect)
