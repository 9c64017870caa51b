"""What is judged of a run's tracks, from earlier runs and from this one, and which batches are left to be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from moodroom_hub.plugins.llm_mining.asked import AskedRoom, AskedTrack
from moodroom_hub.plugins.llm_mining.cache import Cache, Judged, SetAside
from moodroom_hub.plugins.llm_mining.judging import Batch, Judge
from moodroom_hub.plugins.llm_mining.parsers import Said, Verdict

_MOST_SEEDS = 50


@dataclass(slots=True)
class Register:
    """Tracks by room. ``cache`` is written as soon as something is known."""

    cache: Cache
    rooms: Sequence[AskedRoom]
    tracks: Sequence[AskedTrack]
    _known: dict[bytes, dict[str, Said | None]] = field(default_factory=dict)
    _aside: dict[bytes, str] = field(default_factory=dict)

    async def load(self) -> None:
        """Read what was paid before."""
        anchors = (track.digest for room in self.rooms for track in room.controls)
        wanted = {*(track.digest for track in self.tracks), *anchors}
        for room in self.rooms:
            for track, said in (await self.cache.load(room.question, room.slug)).items():
                if track not in wanted:
                    continue
                if isinstance(said, SetAside):
                    self._aside[track] = said.reason
                else:
                    self._known.setdefault(track, {})[room.slug] = said

    async def keep(
        self,
        tracks: Sequence[AskedTrack],
        rooms: Sequence[AskedRoom],
        verdicts: Mapping[bytes, Verdict | SetAside],
    ) -> None:
        """Take judgements in, and write them."""
        questions, slugs = [room.question for room in rooms], [room.slug for room in rooms]
        judged = [
            Judged(track.digest, questions, slugs, verdicts[track.digest])
            for track in tracks
            if track.digest in verdicts
        ]
        for one in judged:
            if isinstance(one.verdict, SetAside):
                self._aside[one.track] = one.verdict.reason
                continue
            said = {part.room: part for part in one.verdict}
            self._known.setdefault(one.track, {}).update({slug: said.get(slug) for slug in slugs})
        await self.cache.keep(judged)

    def verdict(self, track: AskedTrack) -> Verdict | SetAside | None:
        """What is known of a track; ``None`` where it lacks a judgement about some room."""
        if track.digest in self._aside:
            return SetAside(self._aside[track.digest])
        known = self._known.get(track.digest, {})
        if any(room.slug not in known for room in self.rooms):
            return None
        return tuple(said for room in self.rooms if (said := known[room.slug]) is not None)

    def batches(self, size: int) -> list[Batch]:
        """What is left to be asked: tracks that lack the same rooms, in batches of about the same size."""
        groups: dict[tuple[int, ...], list[AskedTrack]] = {}
        for track in self.tracks:
            if track.digest in self._aside:
                continue
            known = self._known.get(track.digest, {})
            lacking = tuple(place for place, room in enumerate(self.rooms) if room.slug not in known)
            if lacking:
                groups.setdefault(lacking, []).append(track)
        return [
            Batch(part, tuple(self.rooms[place] for place in lacking))
            for lacking, tracks in groups.items()
            for part in even_parts(tracks, size)
        ]

    def seed(self, judge: Judge, batches: Sequence[Batch]) -> None:
        """Let what is known serve the judge as controls."""
        for rooms in {batch.rooms for batch in batches}:
            controls = judge.controls(rooms)
            known = [one for one in controls.anchors if self._is_known(one, rooms)]
            controls.anchors = [one for one in controls.anchors if one not in known]
            known += islice((one for one in self.tracks if self._is_known(one, rooms)), _MOST_SEEDS)
            for track in known:
                said = (self._known[track.digest][room.slug] for room in rooms)
                controls.believe(track, tuple(one for one in said if one is not None))

    def _is_known(self, track: AskedTrack, rooms: Sequence[AskedRoom]) -> bool:
        known = self._known.get(track.digest)
        return known is not None and track.digest not in self._aside and all(room.slug in known for room in rooms)


def even_parts(tracks: Sequence[AskedTrack], size: int) -> list[tuple[AskedTrack, ...]]:
    """As few parts as there must be, each as large as the others: a small rest is hard to check."""
    count = -(-len(tracks) // size)
    ends = [round(number * len(tracks) / count) for number in range(1, count + 1)] if count else []
    return [tuple(tracks[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
