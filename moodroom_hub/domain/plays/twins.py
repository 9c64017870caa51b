"""Whether a play that was just counted in one zone is the same listen as one that another zone has counted already.

One person's music may be seen twice: by the service's own source and by the speaker that plays it. Each play is the
twin of at most one listen, and each listen has at most one play in every zone, so repeats never fold into one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from moodroom_hub.domain.models import EpochMs, Track, ZoneName
from moodroom_hub.domain.plays.models import Hearing, Play
from moodroom_hub.domain.plays.rules import known_length_ms
from moodroom_hub.domain.recording import DURATION_TOLERANCE_MS, name_key, recording_keys, track_name_key

OFFSET_TOLERANCE_MS = 6_000
"""Two sources that see one playback agree on its position within this."""
BEGAN_TOLERANCE_MS = 10_000
"""So much sooner than it began in one zone a listen may be seen to have begun in another."""

UnderWay = Sequence[tuple[ZoneName, Hearing]]
"""What is being listened to in other zones."""
SayTime = Callable[[EpochMs], str]
"""A moment as a person reads it, such as ``20:01``."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``twin_of``: the play that was the same listen, if any. ``why`` is a half sentence about it; may be empty."""

    twin_of: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Kinship:
    """How sure it is that two plays are one listen: the greater, the surer."""

    is_same_uri: bool
    agrees: bool
    overlap_ms: int
    song: str

    @property
    def rank(self) -> tuple[bool, bool, int]:
        return self.is_same_uri, self.agrees, self.overlap_ms


def decide_twin(
    new: Play,
    recent: Iterable[Play],
    source_of: Callable[[ZoneName], str],
    say_time: SayTime,
    under_way: UnderWay = (),
) -> Decision:
    """Decide about ``new`` beside the ``recent`` plays of all zones, twins among them.

    ``source_of`` names the plugin that a zone belongs to: two zones of one plugin see two players, which play one and
    the same thing only where they agree on its position; sources of different plugins may watch one player.
    """
    listens = _listens(recent)
    going_on = _going_on(new, listens, watched_elsewhere(new, under_way, source_of))
    if going_on is not None:
        return going_on
    best: tuple[_Kinship, Play, Play] | None = None
    refused: tuple[Play, str] | None = None
    for listen in listens:
        if any(member.zone == new.zone for member in listen):
            continue
        for member in listen:
            song = _same_song(new.track, member.track)
            if song is None:
                continue
            kinship = _kinship(new, member, song)
            is_one_source = source_of(new.zone) == source_of(member.zone)
            if kinship.overlap_ms <= 0 and not kinship.agrees:
                continue
            if is_one_source and not kinship.agrees:
                apart_s = round(abs(new.offset_ms - member.offset_ms) / 1000)
                refused = member, f"not play {member.id} in {member.zone}: two players, {apart_s} s apart"
                continue
            if best is None or kinship.rank > best[0].rank:
                best = kinship, listen[0], member
    if best is None:
        return Decision(None, "" if refused is None else refused[1])
    kinship, first, member = best
    return Decision(
        first.id, f"the same listen as play {first.id} in {first.zone}: {_evidence(new, member, kinship, say_time)}"
    )


def watched_elsewhere(new: Play, under_way: UnderWay, source_of: Callable[[ZoneName], str]) -> UnderWay:
    """The hearings that are of the same playback, seen by another source at the place where ``new`` stood."""
    return [
        (zone, hearing)
        for zone, hearing in under_way
        if source_of(zone) != source_of(new.zone)
        and hearing.seen_at_ms >= new.began_at_ms + BEGAN_TOLERANCE_MS
        and abs(hearing.position_ms - hearing.seen_at_ms - new.offset_ms) <= OFFSET_TOLERANCE_MS
        and _same_song(new.track, hearing.track) is not None
    ]


def _going_on(new: Play, listens: Sequence[Sequence[Play]], watched: UnderWay) -> Decision | None:
    """Whether another source saw that a listen went on, which looked here as if it had been begun anew.

    Between two slow looks a track that was moved near its start and one that was begun anew look the same. Whoever
    looked at that moment knows; and one that was begun anew is begun anew for everybody who had counted it.
    """
    for zone, hearing in watched:
        for listen in listens:
            theirs = next((p for p in listen if p.zone == zone and p.counted_at_ms == hearing.counted_at_ms), None)
            own = next((play for play in listen if play.zone == new.zone), None)
            if theirs is not None and own is not None and _was_left_later(new, own, theirs):
                why = f"not begun anew: play {listen[0].id} in {listen[0].zone} went on, as {zone} shows"
                return Decision(listen[0].id, why)
    return None


def _was_left_later(new: Play, own: Play, theirs: Play) -> bool:
    """Whether the other source had counted before anybody leapt: then a beginning anew would be one there, too."""
    if theirs.counted_at_ms <= new.began_at_ms:
        return True
    is_old_place = abs(theirs.offset_ms - own.offset_ms) <= OFFSET_TOLERANCE_MS
    return is_old_place and abs(theirs.offset_ms - new.offset_ms) > OFFSET_TOLERANCE_MS


def _listens(recent: Iterable[Play]) -> Sequence[Sequence[Play]]:
    """The plays of each listen, the one that was told first."""
    listens: dict[int, list[Play]] = {}
    for play in sorted(recent, key=lambda play: (play.twin_of is not None, play.id)):
        listens.setdefault(play.id if play.twin_of is None else play.twin_of, []).append(play)
    return list(listens.values())


def _same_song(one: Track, other: Track) -> str | None:
    """Why the two are one recording, in words; ``None``: they are not, or nobody can say."""
    shared = {key.partition(":")[0] for key in recording_keys(one) & recording_keys(other)}
    if "uri" in shared:
        return "same song"
    if "isrc" in shared:
        return "same recording"
    lengths = known_length_ms(one.duration_ms), known_length_ms(other.duration_ms)
    if lengths[0] is not None and lengths[1] is not None and abs(lengths[0] - lengths[1]) > DURATION_TOLERANCE_MS:
        return None
    return "same name and artist" if _name_keys(one) & _name_keys(other) else None


def _name_keys(track: Track) -> set[str]:
    """Some sources list the artists, others write all of them as one: either is the same credit."""
    keys = (track_name_key(track), name_key(track.name, ", ".join(track.artists)))
    return {key for key in keys if key is not None}


def _kinship(new: Play, member: Play, song: str) -> _Kinship:
    overlap_ms = min(new.counted_at_ms, member.counted_at_ms) - max(new.began_at_ms, member.began_at_ms)
    return _Kinship(song != "same name and artist", _agrees(new, member), overlap_ms, song)


def _agrees(new: Play, member: Play) -> bool:
    """Whether both stood at the same place of the track at the same time, while the earlier one still ran."""
    length_ms = known_length_ms(new.track.duration_ms) or known_length_ms(member.track.duration_ms)
    if length_ms is None:
        return False  # streams have no places
    if abs(new.offset_ms - member.offset_ms) > OFFSET_TOLERANCE_MS:
        return False
    first, second = sorted((new, member), key=lambda play: play.began_at_ms)
    ran_until_ms = max(first.counted_at_ms, length_ms - first.offset_ms)
    return second.began_at_ms <= ran_until_ms + BEGAN_TOLERANCE_MS


def _evidence(new: Play, member: Play, kinship: _Kinship, say_time: SayTime) -> str:
    if kinship.overlap_ms > 0:
        since_ms = max(new.began_at_ms, member.began_at_ms)
        until_ms = min(new.counted_at_ms, member.counted_at_ms)
        ran = f"both ran {say_time(since_ms)} to {say_time(until_ms)}"
    else:
        ran = f"it went on there from {say_time(new.began_at_ms)}"
    at_once = ", at the same place" if kinship.agrees else ""
    return f"{kinship.song}, {ran}{at_once}"
