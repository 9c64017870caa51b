"""The two kinds of questions about tracks: where they belong, and which of a room's do not belong there. Pure."""

from collections.abc import Sequence

from moodroom_hub.plugins.llm_mining.asked import AskedRoom, AskedTrack
from moodroom_hub.plugins.llm_mining.controls import Mark
from moodroom_hub.plugins.llm_mining.parsers import Verdict, parse_misfits, parse_placements
from moodroom_hub.plugins.llm_mining.prompts import Question, audit_question, place_question


class Placing:
    """In which rooms does it belong?"""

    def question(self, rooms: Sequence[AskedRoom], tracks: Sequence[AskedTrack]) -> Question:
        """As the model is asked."""
        return place_question(rooms, tracks)

    def parse(self, text: str, ids: Sequence[str], rooms: Sequence[AskedRoom]) -> dict[str, Verdict]:
        """What it answered."""
        return parse_placements(text, frozenset(ids), frozenset(room.slug for room in rooms))

    def is_odd(self, mark: Mark) -> bool:
        """All in one room, or all in none: both change what is in the rooms."""
        return True


class Auditing:
    """Does it not belong in the one room?"""

    def question(self, rooms: Sequence[AskedRoom], tracks: Sequence[AskedTrack]) -> Question:
        """As the model is asked."""
        return audit_question(rooms[0], tracks)

    def parse(self, text: str, ids: Sequence[str], rooms: Sequence[AskedRoom]) -> dict[str, Verdict]:
        """What it answered."""
        return parse_misfits(text, tuple(ids), rooms[0].slug)

    def is_odd(self, mark: Mark) -> bool:
        """That nothing is flagged is common, and changes nothing."""
        return mark.room is not None
