"""Gathers what the past says of certain tracks, one play after the other; its memory does not grow with the plays."""

from collections.abc import Iterable

from moodroom_hub.domain.models import ListeningRules, Track, Uri
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.tally import Evidence, Tally
from moodroom_hub.domain.recording import name_key, track_name_key

MOST_REMEMBERED = 100_000
"""Songs of which it is remembered whether they are wanted; beyond that it is looked up again."""


class Gathering:
    """Takes plays in the order of time. A play belongs to the tracks of its uri, else of its name and first artist:
    listings of one recording share what is known of it.
    """

    def __init__(self, tracks: Iterable[Track], rules: ListeningRules, now_ms: int) -> None:
        self._rules = rules
        self._of_name: dict[str, Tally] = {}
        self._of_uri: dict[str, Tally] = {}
        self._remembered: dict[str, Tally | None] = {}
        for track in tracks:
            key = track_name_key(track)
            tally = self._of_uri.get(track.uri) or (self._of_name.get(key) if key is not None else None)
            if tally is None:
                tally = Tally(now_ms, track.duration_ms)
            if tally.length_ms is None:
                tally.length_ms = track.duration_ms
            self._of_uri[track.uri] = tally
            if key is not None:
                self._of_name.setdefault(key, tally)

    def take(self, play: PastPlay) -> None:
        """One more play, not older than the last."""
        tally = self._find(play)
        if tally is not None:
            tally.add(play, self._rules)

    def evidence(self) -> dict[Uri, Evidence]:
        """What was gathered, by the tracks' uris; only those that were played."""
        found = {}
        for uri, tally in self._of_uri.items():
            told = tally.finished(self._rules)
            if told.plays:
                found[Uri(uri)] = told
        return found

    def _find(self, play: PastPlay) -> Tally | None:
        known = play.uri or f"{play.name}\n{play.artist}"
        if known in self._remembered:
            return self._remembered[known]
        tally = self._of_uri.get(play.uri) if play.uri is not None else None
        if tally is None:
            key = name_key(play.name, play.artist)
            tally = None if key is None else self._of_name.get(key)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[known] = tally
        return tally
