"""Songs that a room may want besides: one call for each room."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from moodroom_hub.domain.mining.models import MiningTask, Placement, Suggestion, Unplaced
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Track
from moodroom_hub.domain.recording import name_key
from moodroom_hub.plugins.llm_mining.asked import (
    AskedRoom,
    AskedTrack,
    Scope,
    asked_track,
    digest,
    steady_sample,
    track_words,
)
from moodroom_hub.plugins.llm_mining.cache import Cache
from moodroom_hub.plugins.llm_mining.envelopes import AnswerError
from moodroom_hub.plugins.llm_mining.hostile import is_order, reads_like_an_order
from moodroom_hub.plugins.llm_mining.line import Line, QuestionError, Repair
from moodroom_hub.plugins.llm_mining.parsers import SaidSong, parse_songs
from moodroom_hub.plugins.llm_mining.prompts import Question, suggest_question

MOST_PROVEN = 40
MOST_KNOWN = 150


@dataclass(frozen=True, slots=True)
class Wish:
    """A room that wants songs: what the model is told of it."""

    room: Room
    question: Question

    def request(self, scope: Scope) -> bytes:
        """The digest of all that the answer depends on."""
        return digest(scope.base_url, scope.model, scope.prompt_version, self.question.content)


@dataclass(slots=True)
class Suggestions:
    """What came. ``notes``: one line for each room of which something is to be said."""

    found: list[Suggestion] = field(default_factory=list)
    rooms: set[RoomSlug] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def wishes(
    task: MiningTask, rooms: Sequence[AskedRoom], placements: Iterable[Placement], unplaced: Iterable[Unplaced]
) -> list[Wish]:
    """One for each room, with what is proven there: what the owner said of it, then the surest placements.

    What could not be judged is not named to the model again: it may be what steered it.
    """
    if task.safe_side + task.discovery <= 0:
        return []
    doubtful = {one.uri for one in unplaced if not one.is_judged}
    tracks = {track.uri: track for track in task.tracks if track.uri not in doubtful}
    placed: dict[str, list[tuple[float, Track]]] = {}
    for one in placements:
        placed.setdefault(one.room, []).append((one.confidence, tracks[one.uri]))
    return [
        Wish(room, _question(task, room, asked, tracks.values(), placed.get(room.slug, [])))
        for room, asked in zip(task.rooms, rooms, strict=True)
    ]


def _question(
    task: MiningTask, room: Room, asked: AskedRoom, tracks: Collection[Track], placed: list[tuple[float, Track]]
) -> Question:
    fits = [one.track for one in task.examples if one.room == room.slug and one.is_fit]
    best = [track for _, track in sorted(placed, key=lambda one: (-one[0], track_words(one[1])))]
    proven: dict[str, AskedTrack] = {}
    for track in (*sorted(fits, key=track_words)[: MOST_PROVEN // 2], *best):
        if len(proven) < MOST_PROVEN and not reads_like_an_order(track):
            proven.setdefault(track_words(track), asked_track(track))
    library = (track_words(track) for track in tracks if not reads_like_an_order(track))
    here = {track_words(track) for _, track in placed if not reads_like_an_order(track)}
    known = steady_sample(here - proven.keys(), MOST_KNOWN)
    if len(known) < MOST_KNOWN:
        known += steady_sample({*library} - proven.keys() - here, MOST_KNOWN - len(known))
    return suggest_question(asked, list(proven.values()), known, task.safe_side, task.discovery)


async def suggest(wish: Wish, task: MiningTask, line: Line, cache: Cache, scope: Scope, into: Suggestions) -> None:
    """Ask for one room, or remember. A room whose answer is of no use is left out, with a note."""
    request = wish.request(scope)
    text = await cache.answer(request)
    songs = None if text is None else _read(text)
    if songs is None:
        try:
            text, songs = await _ask(line, wish.question)
        except QuestionError as error:
            into.notes.append(f"no suggestions for {wish.room.name}: {error.reason}")
            return
        await cache.keep_answer(request, text)
    into.rooms.add(wish.room.slug)
    _take(wish.room, task, songs, into)


async def _ask(line: Line, question: Question) -> tuple[str, tuple[list[SaidSong], list[SaidSong]]]:
    text = (await line.ask(question)).text
    try:
        songs = parse_songs(text)
    except AnswerError as error:
        repair = Repair(text, str(error))
        text = (await line.ask(question, repair)).text
        try:
            songs = parse_songs(text)
        except AnswerError as second:
            raise line.useless(f"the model's answer is of no use: {second}") from None
    line.useful()
    return text, songs


def _read(text: str) -> tuple[list[SaidSong], list[SaidSong]] | None:
    try:
        return parse_songs(text)
    except AnswerError:
        return None


def _take(room: Room, task: MiningTask, songs: tuple[list[SaidSong], list[SaidSong]], into: Suggestions) -> None:
    unwanted = {_key(track.name, artist) for track in task.tracks for artist in track.artists[:1]}
    unwanted |= {_key(one.track.name, artist) for one in task.examples for artist in one.track.artists[:1]}
    unwanted |= {_key(one.name, one.artist) for one in room.anchors}
    old = odd = 0
    for tier, said, most in zip((Tier.SAFE_SIDE, Tier.DISCOVERY), songs, (task.safe_side, task.discovery), strict=True):
        taken = 0
        for song in said:
            key = _key(song.name, song.artist)
            if key in unwanted:
                old += 1
            elif is_order(song.name) or is_order(song.artist):
                odd += 1
            elif taken < most:
                taken += 1
                unwanted.add(key)
                into.found.append(Suggestion(room.slug, tier, song.name, song.artist, song.why))
    if old:
        into.notes.append(f"{room.name}: {_count(old)} known already or named twice, left out")
    if odd:
        into.notes.append(f"{room.name}: {_count(odd)} with a title that speaks to models, left out")


def _key(name: str, artist: str) -> str:
    return name_key(name, artist) or f"{name}\n{artist}".casefold()


def _count(number: int) -> str:
    return "1 suggestion was" if number == 1 else f"{number} suggestions were"
