"""A strict make-believe of the Cover Art Archive: tells where a release's front cover is, and never sends it."""

import re
from collections.abc import Mapping
from typing import Final

from moodroom_hub.simulator.music_facts.answers import FactsAnswer, Mood, has_named_agent, json_answer, moody_answer
from moodroom_hub.simulator.music_facts.knowledge import MusicKnowledge

_PATH: Final = re.compile(r"release/([^/]+)/front(?:-(?:250|500|1200))?")
_MBID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FakeCoverArtArchive:
    """Answers ``receive``: 307 to the picture, 404 without one, 400 for what is no MBID. ``broken`` as elsewhere."""

    def __init__(self, knowledge: MusicKnowledge) -> None:
        self.knowledge = knowledge
        self.mood = Mood.WELL
        self.hostile_address = "javascript:alert(1)"
        self.broken: list[str] = []
        self.requests: list[str] = []

    def receive(self, method: str, path: str, headers: Mapping[str, str]) -> FactsAnswer:
        """One request."""
        self.requests.append(path)
        if not has_named_agent(headers):
            self.broken.append(f"{path}: the User-Agent names nobody")
        if method not in ("GET", "HEAD"):
            self.broken.append(f"{path}: {method}")
            return json_answer(405, {"error": "only GET and HEAD"})
        answer = moody_answer(self.mood)
        if answer is not None:
            return answer
        asked = _PATH.fullmatch(path)
        if asked is None or not _MBID.fullmatch(asked.group(1)):
            self.broken.append(f"{path}: no valid MBID")
            return json_answer(400, {"error": "invalid MBID"})
        mbid = asked.group(1)
        found = self.knowledge.release(mbid)
        if found is None or not found[0].has_cover:
            return json_answer(404, {"error": "no cover art"})
        if self.mood is Mood.HOSTILE:
            return FactsAnswer(307, {"Location": self.hostile_address})
        size = path.rpartition("-")[2]
        return FactsAnswer(
            307, {"Location": f"https://archive.org/download/mbid-{mbid}/mbid-{mbid}-17_thumb{size}.jpg"}
        )
