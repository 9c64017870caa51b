"""A radio in memory: stations are remembered, and what plays next comes in the order of their seeds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import (
    CardImport,
    Following,
    ModelView,
    NewStation,
    NextTrack,
    PlayedOut,
    Refill,
    StationJob,
    StationJobStatus,
    StationView,
    StationWhy,
)
from moodroom_hub.domain.models import (
    DurationMs,
    EpochMs,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Track,
    Uri,
    ZoneName,
)
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Tuning, Vote, VoteKind, VoteRule

AT_MS = EpochMs(1_763_700_000_000)
FRIDAY = StationKey("friday")
NUMBERS = ("style", "likes", "dislikes", "adventure", "drift")
UNTRAINED = "Nothing is learned yet: moodroom-hub station train FOLDER"


def song(number: int, name: str = "", artist: str = "Drake") -> Track:
    """A track that a station plays."""
    uri = Uri(f"spotify:track:{number:022d}")
    return Track(uri, name or f"Song {number}", (artist,), DurationMs(200_000), album="An Album")


def station(key: str = "friday", name: str = "Friday", *artists: str, room: str | None = None) -> Station:
    """A station of these artists."""
    seeds = tuple(Seed(each) for each in artists or ("Drake", "The Weeknd"))
    return Station(StationKey(key), name, seeds, room=None if room is None else RoomSlug(room), created_at_ms=AT_MS)


class FakeRadio:
    """``calls`` notes what changes something; ``trouble`` is raised by the next call; ``view`` is
    the job."""

    def __init__(self, *stations: Station) -> None:
        self.known = {each.key: each for each in stations}
        self.said: dict[StationKey, list[Vote]] = {each.key: [] for each in stations}
        self.calls: list[tuple[object, ...]] = []
        self.trouble: Trouble | None = None
        self.view = StationJob(StationJobStatus.IDLE)
        self.played_from = ModelView(20_000, 50_000, AT_MS, "two lists")
        self.playing: dict[StationKey, tuple[ZoneName, ...]] = {}
        self.titles: dict[int, str] = {}
        self.unknown: tuple[str, ...] = ()
        self.drift: float | None = 0.12
        self.teaches = 12
        """Lists that a training adds."""
        self.ends = True
        """Work that is begun is at its end when somebody asks the next time."""

    def model(self) -> ModelView:
        return self.played_from

    async def overview(self) -> Sequence[StationView]:
        self._tell()
        return [self._view(each) for each in self.known.values()]

    async def new(self, order: NewStation) -> StationView:
        self._tell("new", order)
        seeds = order.seeds or (Seed("Drake"),)
        name = order.name or order.playlist or order.room or seeds[0].artist
        key = StationKey("-".join(name.casefold().split()))
        while key in self.known:
            key = StationKey(f"{key}-2")
        made = Station(key, name, seeds, order.tuning or Tuning(), room=order.room, created_at_ms=AT_MS)
        self.known[key], self.said[key] = made, []
        return self._view(made)

    async def rename(self, key: StationKey, name: str) -> StationView:
        self._tell("rename", key, name)
        self.known[key] = replace(self._station(key), name=name)
        return self._view(self.known[key])

    async def remove(self, key: StationKey) -> None:
        self._tell("remove", key)
        del self.known[self._station(key).key]

    async def tune(self, key: StationKey, changes: Mapping[str, float | str]) -> StationView:
        self._tell("tune", key, dict(changes))
        before = {name: getattr(self._station(key).tuning, name) for name in NUMBERS}
        numbers = {**before, **{name: float(value) for name, value in changes.items() if name in NUMBERS}}
        tuning = Tuning(**numbers, rule=VoteRule(str(changes.get("rule", self.known[key].tuning.rule))))
        self.known[key] = replace(self.known[key], tuning=tuning)
        return self._view(self.known[key])

    async def vote(self, key: StationKey, kind: VoteKind, uri: Uri | None = None) -> StationView:
        self._tell("vote", key, kind, uri)
        if uri is None and not self.playing.get(self._station(key).key):
            raise Trouble(TroubleCode.CONFLICT, "This station does not play.")
        what = song(int(uri[-2:]) if uri else 1)
        self.said[key].append(Vote(len(self.said[key]) + 1, key, kind, what, AT_MS, why="by hand"))
        return self._view(self.known[key])

    async def take_back(self, key: StationKey) -> StationView:
        self._tell("take_back", key)
        if not self.said[self._station(key).key]:
            raise Trouble(TroubleCode.CONFLICT, "There is no vote to take back.")
        self.said[key].pop()
        return self._view(self.known[key])

    async def clear(self, key: StationKey) -> StationView:
        self._tell("clear", key)
        self.said[self._station(key).key].clear()
        return self._view(self.known[key])

    async def why(self, key: StationKey, count: int = 10) -> StationWhy:
        self._tell()
        found = self._station(key)
        return StationWhy(self._view(found), self._next(count), tuple(reversed(self.said[key])), ("a note",))

    async def card(self, key: StationKey, form: str = "card") -> str:
        self._tell()
        return f'{{"{form}": "{self._station(key).key}"}}\n'

    async def import_card(self, text: str, name: str = "") -> CardImport:
        self._tell("import_card", len(text), name)
        if not text.startswith("{"):
            raise Trouble(TroubleCode.BAD_REQUEST, "This is no station card.")
        made = await self.new(NewStation(name or "Guest", (Seed("Nobody"), Seed("Drake"))))
        return CardImport(made, 0.5, "Ada", ("one artist is not known here",))

    async def next(self, key: StationKey, played: Sequence[PlayedOut], count: int = 5) -> Following:
        self._tell("next", self._station(key).key, tuple(played))
        strange = tuple(each.track_id for each in played if each.track_id == "x")
        return Following(tuple(self._next(count)), strange)

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        raise AssertionError("no face asks for vectors")

    def start_refill(self, room: RoomSlug | None = None) -> StationJob:
        if room is not None and room == "nowhere":
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such room.")
        return self._start("refill", room)

    def start_training(self, folders: Sequence[str] = (), seed: int | None = None, *, anew: bool = False) -> StationJob:
        return self._start("train", *folders, *(() if seed is None else (seed,)), *(("anew",) if anew else ()))

    async def nightly(self) -> None:
        raise AssertionError("no face asks for the night's work")

    def job(self) -> StationJob:
        before = self.view
        if self.ends and before.status is StationJobStatus.RUNNING:
            entry = PoolEntry(song(7), Tier.DISCOVERY, why="near Trophies", source="stations")
            receipt = Receipt(
                4, RoomSlug("late-night"), song(7), ReceiptKind.MOVED, None, entry, AT_MS, "near", group="radio-4"
            )
            refills = (Refill(RoomSlug("late-night"), (entry,), (receipt,), "12 of 20: nothing more is near"),)
            is_refill = before.what == "refill"
            if not is_refill:
                self.played_from = replace(self.played_from, lists=self.played_from.lists + self.teaches)
            self.view = replace(
                before, status=StationJobStatus.DONE, done=before.total, refills=refills if is_refill else ()
            )
        return before

    async def cancel(self) -> StationJob:
        self._tell("cancel")
        if self.view.status is StationJobStatus.RUNNING:
            self.view = replace(self.view, status=StationJobStatus.CANCELLED)
        return self.view

    def _start(self, what: str, *more: object) -> StationJob:
        self._tell(what, *more)
        if self.view.status is StationJobStatus.RUNNING and not self.ends:
            raise Trouble(TroubleCode.CONFLICT, "the radio is at work already; wait, or stop it")
        self.view = StationJob(StationJobStatus.RUNNING, what, "reading", 3, 6, "", ("a note",))
        return self.view

    def _tell(self, *call: object) -> None:
        if call:
            self.calls.append(call)
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble

    def _station(self, key: StationKey) -> Station:
        if key not in self.known:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such station.")
        return self.known[key]

    def _next(self, count: int) -> tuple[NextTrack, ...]:
        found = [
            NextTrack(song(number, self.titles.get(number, "")), "near Trophies", score=0.5)
            for number in range(1, count + 1)
        ]
        return (*found[:-1], replace(found[-1], link="room", score=None)) if found else ()

    def _view(self, its: Station) -> StationView:
        votes = self.said[its.key]
        return StationView(
            its,
            sum(each.kind is VoteKind.LIKE for each in votes),
            sum(each.kind is VoteKind.DISLIKE for each in votes),
            len(its.seeds) - len(self.unknown),
            self.unknown,
            self.drift,
            self.drift is not None and self.drift >= its.tuning.drift,
            self.playing.get(its.key, ()),
        )


class FakeStations:
    """What the hub remembers for that radio: faces read it, and change it by the radio only."""

    def __init__(self, radio: FakeRadio) -> None:
        self._radio = radio

    def all(self) -> Sequence[Station]:
        return [*self._radio.known.values()]

    def get(self, key: StationKey) -> Station | None:
        return self._radio.known.get(key)

    def votes(self, key: StationKey) -> Sequence[Vote]:
        return self._radio.said.get(key, [])

    async def put(self, station: Station) -> None:
        raise AssertionError("only the radio does that")

    async def remove(self, key: StationKey) -> None:
        raise AssertionError("only the radio does that")

    async def vote(self, vote: Vote) -> Vote | None:
        raise AssertionError("only the radio does that")

    async def take_back(self, key: StationKey) -> Vote | None:
        raise AssertionError("only the radio does that")

    async def clear(self, key: StationKey) -> int:
        raise AssertionError("only the radio does that")

    async def discover(self, room: RoomSlug, entries: Sequence[PoolEntry]) -> Sequence[Receipt]:
        raise AssertionError("only the radio does that")
