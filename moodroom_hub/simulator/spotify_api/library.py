"""Liked songs and the profile."""

from typing import Any

from moodroom_hub.simulator.items import made_up_id
from moodroom_hub.simulator.library import OWNER_ID
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, json_answer
from moodroom_hub.simulator.spotify_api.routes import Call, Route
from moodroom_hub.simulator.spotify_api.shapes import iso_s

OWNER_NAME = "Moodroom Owner"
_MOST_URIS = 40
_LARGEST_OFFSET = 10**9


def saved_tracks(call: Call) -> Answer:
    """``GET /me/tracks``, newest first."""
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, _LARGEST_OFFSET)
    liked = call.world.library.liked
    rows = [
        {
            "added_at": iso_s(one.added_ms),
            "track": call.shapes.track(call.world.items[one.uri], call.market),
        }
        for one in liked[offset : offset + limit]
    ]
    return json_answer(200, call.shapes.page("me/tracks", rows, len(liked), limit, offset))


def _library_uris(call: Call) -> list[str]:
    given = [uri for uri in call.query.get("uris", "").split(",") if uri]
    if not given:
        raise ApiError(400, "Missing required parameter: uris")
    if len(given) > _MOST_URIS:
        raise ApiError(400, "Too many uris requested")
    for uri in given:
        if uri.count(":") != 2 or not uri.startswith("spotify:"):
            raise ApiError(400, "Invalid uri")
    return given


def save(call: Call) -> Answer:
    """``PUT /me/library``."""
    uris = _library_uris(call)
    if any(uri not in call.world.items for uri in uris):
        raise ApiError(400, "Invalid uri")
    for uri in uris:
        call.world.library.like(uri, call.now_ms)
    return Answer(200)


def remove(call: Call) -> Answer:
    """``DELETE /me/library``."""
    for uri in _library_uris(call):
        call.world.library.unlike(uri)
    return Answer(200)


def contains(call: Call) -> Answer:
    """``GET /me/library/contains``."""
    return json_answer(200, [call.world.library.likes(uri) for uri in _library_uris(call)])


def profile(call: Call) -> Answer:
    """``GET /me``, as poor as Development Mode makes it."""
    person: dict[str, Any] = {
        "account_id": made_up_id("account", OWNER_ID),
        "display_name": OWNER_NAME,
        "external_urls": {"spotify": f"https://open.spotify.com/user/{OWNER_ID}"},
        "href": f"{call.shapes.base_url}users/{OWNER_ID}",
        "id": OWNER_ID,
        "images": [],
        "type": "user",
        "uri": f"spotify:user:{OWNER_ID}",
    }
    return json_answer(200, person)


ROUTES = (
    Route("GET", "/me", "profile", profile),
    Route("GET", "/me/", "profile", profile),  # as spotipy asks for it
    Route("GET", "/me/tracks", "library", saved_tracks, ("user-library-read",)),
    Route("PUT", "/me/library", "library", save, ("user-library-modify",)),
    Route("DELETE", "/me/library", "library", remove, ("user-library-modify",)),
    Route("GET", "/me/library/contains", "library", contains, ("user-library-read",)),
)
