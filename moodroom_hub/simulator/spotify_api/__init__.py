"""A strict make-believe of the Web API and accounts service that a new Development Mode app meets (November 2026)."""

from moodroom_hub.simulator.spotify_api.accounts import ALL_SCOPES, AppRegistration
from moodroom_hub.simulator.spotify_api.answers import Answer, RequestSeen
from moodroom_hub.simulator.spotify_api.fake import FakeSpotify
from moodroom_hub.simulator.spotify_api.limits import Limits
from moodroom_hub.simulator.spotify_api.routes import Habits

__all__ = ["ALL_SCOPES", "Answer", "AppRegistration", "FakeSpotify", "Habits", "Limits", "RequestSeen"]
