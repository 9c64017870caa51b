"""A strict make-believe of Deezer's public interface: a track by ISRC, and the search."""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from moodroom_hub.domain.recording import normal_isrc
from moodroom_hub.simulator.music_facts.answers import FactsAnswer, Mood, json_answer, moody_answer
from moodroom_hub.simulator.music_facts.knowledge import KnownRecording, MusicKnowledge

_QUERY: Final = re.compile(r'artist:"([^"]+)" track:"([^"]+)"')
_QUOTA: Final = 50
_QUOTA_MS: Final = 5_000


class FakeDeezer:
    """Answers ``receive``. Refusals come with status 200, as the real ones do. ``broken`` as elsewhere."""

    def __init__(self, knowledge: MusicKnowledge, now_ms: Callable[[], int]) -> None:
        self.knowledge = knowledge
        self.mood = Mood.WELL
        self.hostile_address = "https://evil.example/cover.jpg"
        self.broken: list[str] = []
        self.requests: list[str] = []
        self._now_ms = now_ms
        self._lately: deque[int] = deque()

    def receive(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> FactsAnswer:
        """One request."""
        now_ms = self._now_ms()
        self.requests.append(f"{path}?{query.get('q', '')}" if "q" in query else path)
        while self._lately and self._lately[0] <= now_ms - _QUOTA_MS:
            self._lately.popleft()
        self._lately.append(now_ms)
        if len(self._lately) > _QUOTA:
            self.broken.append(f"{path}: more than {_QUOTA} requests in {_QUOTA_MS // 1000} s")
            return _error(4, "Exception", "Quota limit exceeded")
        if not headers.get("User-Agent", "").strip():
            self.broken.append(f"{path}: no User-Agent")
        answer = moody_answer(self.mood)
        if answer is not None:
            return answer
        if method != "GET":
            self.broken.append(f"{path}: {method}")
            return _error(300, "MethodException", "only GET")
        if path == "search":
            return self._search(query.get("q", ""))
        if path.startswith("track/isrc:"):
            return self._track(path.removeprefix("track/isrc:"))
        self.broken.append(f"{path}: no such path")
        return _error(600, "InvalidQueryException", "Unknown path components")

    def _search(self, text: str) -> FactsAnswer:
        asked = _QUERY.fullmatch(text)
        if asked is None:
            self.broken.append(f"search: no valid query {text[:80]!r}")
            return _error(500, "ParameterException", "Wrong parameter")
        found = self.knowledge.named(asked.group(2), asked.group(1))
        return json_answer(200, {"data": [self._item(one) for one in found[:25]], "total": len(found)})

    def _track(self, isrc: str) -> FactsAnswer:
        if normal_isrc(isrc) != isrc:
            self.broken.append(f"{isrc}: no valid ISRC")
            return _error(500, "ParameterException", "Wrong parameter")
        found = self.knowledge.by_isrc(isrc)
        return json_answer(200, self._item(found[0])) if found else _error(800, "DataException", "no data")

    def _item(self, recording: KnownRecording) -> dict[str, Any]:
        release = recording.releases[-1]
        number = int(release.mbid[:7], 16)
        cover = f"https://cdn-images.dzcdn.net/images/cover/{release.mbid.replace('-', '')}/500x500-000000-80-0-0.jpg"
        if self.mood is Mood.HOSTILE:
            cover = self.hostile_address
        return {
            "id": number + 1,
            "title": recording.title,
            "isrc": recording.isrcs[0] if recording.isrcs else "",
            "duration": round((recording.length_ms or 0) / 1000),
            "artist": {"id": 7, "name": recording.artists[0], "type": "artist"},
            "album": {"id": number, "title": release.title, "cover_big": cover, "type": "album"},
            "type": "track",
        }


def _error(code: int, kind: str, message: str) -> FactsAnswer:
    return json_answer(200, {"error": {"type": kind, "message": message, "code": code}})
