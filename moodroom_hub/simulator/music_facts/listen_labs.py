"""A strict make-believe of ListenBrainz' data sets: the one of similar artists."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from moodroom_hub.simulator.music_facts.answers import FactsAnswer, Mood, has_named_agent, json_answer, moody_answer
from moodroom_hub.simulator.music_facts.knowledge import MusicKnowledge, made_up_mbid

_MBID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALGORITHM: Final = re.compile(
    r"session_based_days_\d+_session_\d+_contribution_\d+_threshold_\d+_limit_(\d+)(_filter_True)?_skip_\d+"
)
_EVERY_MS: Final = 1_000
_SLACK_MS: Final = 50


class FakeListenLabs:
    """Answers ``receive``. ``is_tabular``: the list comes inside a table, as it did once.

    ``broken`` lists every rule that a client broke; ``requests`` the MBIDs that were asked for.
    """

    def __init__(self, knowledge: MusicKnowledge, now_ms: Callable[[], int]) -> None:
        self.knowledge = knowledge
        self.mood = Mood.WELL
        self.is_tabular = False
        self.broken: list[str] = []
        self.requests: list[str] = []
        self._now_ms = now_ms
        self._free_at_ms = 0

    def receive(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> FactsAnswer:
        """One request; ``path`` begins behind the host's name."""
        now_ms = self._now_ms()
        self.requests.append(query.get("artist_mbids", ""))
        if now_ms + _SLACK_MS < self._free_at_ms:
            self.broken.append(f"{path}: asked again too soon")
            return json_answer(429, {"code": 429, "error": "Too many requests"}, {"Retry-After": "10"})
        self._free_at_ms = now_ms + _EVERY_MS
        if not has_named_agent(headers):
            return self._refuse(path, "the User-Agent names nobody")
        moody = moody_answer(self.mood)
        if moody is not None:
            return moody
        if method != "GET" or path != "similar-artists/json" or set(query) != {"artist_mbids", "algorithm"}:
            return self._refuse(path, "no such request")
        algorithm = _ALGORITHM.fullmatch(query["algorithm"])
        if not _MBID.fullmatch(query["artist_mbids"]) or algorithm is None:
            return self._refuse(path, "no MBID, or no such algorithm")
        rows = self._rows(query["artist_mbids"], int(algorithm.group(1)))
        return json_answer(200, [{"type": "dataset", "data": rows}] if self.is_tabular else rows)

    def _rows(self, mbid: str, limit: int) -> list[dict[str, Any]]:
        return [
            {
                "artist_mbid": made_up_mbid("artist", name),
                "name": name,
                "comment": "",
                "type": None,
                "gender": None,
                "score": score,
                "reference_mbid": mbid,
            }
            for name, score in self.knowledge.near(mbid)[:limit]
        ]

    def _refuse(self, path: str, why: str) -> FactsAnswer:
        self.broken.append(f"{path}: {why}")
        return json_answer(400, {"code": 400, "error": why})
