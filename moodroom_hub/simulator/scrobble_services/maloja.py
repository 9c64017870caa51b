"""Maloja's way of taking listens as ListenBrainz does: no limits, and manners of its own with doubles."""

from collections.abc import Callable

from moodroom_hub.simulator.scrobble_services.answers import Answer, Heard
from moodroom_hub.simulator.scrobble_services.listenbrainz import FakeListenBrainz


class FakeMaloja(FakeListenBrainz):
    """One owner. The first double ends the request with ``ok``, and what came after it is dropped."""

    def __init__(self, now_s: Callable[[], float], *, token: str = "key-of-the-owner") -> None:  # noqa: S107 -- of a make-believe service
        super().__init__(now_s, token=token, window=10_000)

    def take(self, plays: list[Heard]) -> Answer:
        """One time holds one play."""
        for heard in plays:
            there = next((one for one in self.held if one.at_s == heard.at_s), None)
            if there is None:
                self.held.append(heard)
            elif (there.artist, there.title) == (heard.artist, heard.title):
                self.doubles += 1
                return Answer(200, {"status": "ok"})
            else:
                return Answer(409, {"error": "Scrobble with the same timestamp already exists."})
        return Answer(200, {"status": "ok"})
