"""A hub in memory: what ``HubFace`` promises, without a player, a database or a network."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import (
    Activation,
    BatchTrack,
    BatchView,
    ImportReport,
    ListenView,
    NowPlaying,
    PastImport,
    PluginStatus,
    PluginView,
    Quiet,
    ReceiptView,
    RoomView,
    StateView,
    SyncReport,
    Warming,
    ZoneView,
)
from moodroom_hub.core.ports import (
    Account,
    Check,
    CheckLevel,
    LibraryPage,
    LoginState,
    LoginStatus,
    Playlist,
    PlaylistPage,
)
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    Device,
    DurationMs,
    EndInterval,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    Listen,
    Palette,
    PoolEntry,
    Receipt,
    ReceiptKind,
    Room,
    RoomSlug,
    Tier,
    Track,
    Uri,
    Verdict,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.models import Artwork, TrackFacts
from moodroom_hub.domain.quiet import QuietFacts, QuietWalk, walk
from moodroom_hub.domain.stations.models import room_only, station_of
from tests.plugins.status_page.fake_desk import FakeMining
from tests.plugins.status_page.fake_given import GivenByPlugins
from tests.plugins.status_page.fake_insight import Insightful
from tests.plugins.status_page.fake_plays import FakeFindings, FakePlays
from tests.plugins.status_page.fake_setup import FakeSetup

LATE_NIGHT = RoomSlug("late-night")
HOUSE = RoomSlug("house")
KITCHEN = ZoneName("kitchen")
RECIPE = (Tier.CONFIRMED,) * 5 + (Tier.SAFE_SIDE,) * 4 + (Tier.DISCOVERY,)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now_ms: int = 1_763_700_000_000) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> EpochMs:
        return EpochMs(self.at_ms)

    def now(self) -> object:
        raise AssertionError("the page asks for milliseconds only")

    async def sleep_ms(self, duration_ms: float) -> None:
        self.at_ms += round(duration_ms)

    def real_seconds(self, duration_ms: float) -> float:
        return duration_ms / 1000


class FakeAccount:
    """An account whose login always succeeds for the code ``good``."""

    name = "Spotify"

    def __init__(self) -> None:
        self.is_configured = True
        self.redirect_uri: str | None = None
        self.answers: list[str] = []
        self.state = LoginState(LoginStatus.OK, 150)

    def login_state(self, now_ms: EpochMs) -> LoginState:
        return self.state

    async def begin_login(self, redirect_uri: str | None = None) -> str:
        if not self.is_configured:
            raise Trouble(TroubleCode.BAD_REQUEST, "set plugins.spotify.client_id")
        self.redirect_uri = redirect_uri
        return "https://accounts.example/authorize?client_id=abc&state=s%20t&scope=a+b"

    async def finish_login(self, answer_url: str) -> None:
        self.answers.append(answer_url)
        if "code=good" not in answer_url:
            raise Trouble(TroubleCode.BAD_REQUEST, "the login was not finished; begin again at /login")

    async def logout(self) -> None:
        self.state = LoginState(LoginStatus.NEEDED, None, "log in")

    async def liked_tracks(self, start_offset: int = 0) -> AsyncIterator[LibraryPage]:
        raise AssertionError("the page reads no library")
        yield  # makes it a generator

    async def find_track(self, name: str, artist: str, isrc: str | None = None) -> Track | None:
        return None

    async def search_tracks(self, name: str, artist: str) -> Sequence[Track]:
        return ()

    async def playlists(self) -> AsyncIterator[Playlist]:
        raise AssertionError("the page reads no playlists")
        yield  # makes it a generator

    async def playlist_tracks(self, playlist_id: str) -> AsyncIterator[PlaylistPage]:
        raise AssertionError("the page reads no playlists")
        yield  # makes it a generator


def track(number: int, name: str | None = None) -> Track:
    """The catalogue's track of that number."""
    return Track(
        uri=Uri(f"spotify:track:{number:022d}"),
        name=name or f"Song {number}",
        artists=(f"Artist {number % 7}",),
        duration_ms=DurationMs(200_000 + number),
        album="An Album",
        artwork_url="https://images.example/1.jpg",
    )


def listen(number: int, kind: VerdictKind = VerdictKind.SKIPPED) -> Listen:
    """A finished listen of that track."""
    end = EndInterval(DurationMs(11_000), DurationMs(12_000), DurationMs(13_000))
    return Listen(
        track=track(number),
        started_at_ms=EpochMs(1_763_600_000_000),
        ended_at_ms=EpochMs(1_763_600_012_000),
        verdict=Verdict(kind, Cause.LISTENER, end, is_sure=True),
        room=LATE_NIGHT,
        tier=Tier.CONFIRMED,
        ledger_id=number,
    )


class FakeHub(Insightful, GivenByPlugins):
    """Everything in plain lists; ``fail`` maps a method's name to what it raises."""

    def __init__(self, clock: Clock) -> None:
        light = Palette("#8b7cf6", "#0b0a1f", "#1c1240", ("#4c3fd1", "#7a3cc9", "#2b2a72"))
        self._rooms = {
            LATE_NIGHT: Room(LATE_NIGHT, "Late Night", "OVO atmospheric", palette=light),
            HOUSE: Room(HOUSE, "House"),
        }
        self._clock = clock
        self.account = FakeAccount()
        self.fail: dict[str, MoodroomError] = {}
        self.calls: list[tuple[object, ...]] = []
        self.announced: list[str | None] = []
        self.active: RoomSlug | None = None
        self.now: NowPlaying | None = None
        self.upcoming: tuple[LedgerEntry, ...] = ()
        self.drawn = BatchView()
        self.is_learning = True
        self.known_zones: tuple[ZoneName, ...] = (HOME, KITCHEN)
        self.leaders: dict[ZoneName, ZoneName] = {}
        self.labels: dict[ZoneName, str] = {}
        self.music: dict[ZoneName, tuple[RoomSlug | None, NowPlaying | None]] = {}
        self.lost: set[ZoneName] = set()
        self.plugins: tuple[PluginView, ...] = (
            PluginView("spotify", PluginStatus.RUNNING, "", True),
            PluginView("mqtt", PluginStatus.WAITING, "away", True),
        )
        self.learning_back_at_ms: EpochMs | None = None
        self.pools: dict[RoomSlug, list[PoolEntry]] = {
            room: [
                PoolEntry(track(number), tier, strikes=number % 2, since_ms=EpochMs(number * 1000), why="mined")
                for number, tier in enumerate((*RECIPE, Tier.REMOVED), start=0)
            ]
            for room in self._rooms
        }
        self.receipt_list: list[Receipt] = []
        self.undone: dict[int, int] = {}
        self.listens: list[ListenView] = []
        self.events: list[Event] = []
        self.troubles: tuple[Quiet, ...] = ()
        self.hindered: dict[ZoneName, Quiet] = {}
        self.checks: tuple[Check, ...] = (Check("login", CheckLevel.OK, "fine"),)
        self.has_tracks = True
        self.known_devices: tuple[Device, ...] = ()
        self.quiet_facts = QuietFacts(playable=20)
        self.owners_file = FakeSetup()
        self.watchers: list[Callable[[], None]] = []
        self.figures: dict[str, float] = {"polls_total": 12.0, "queue_ahead": 9.0}

    @cached_property
    def mining(self) -> FakeMining:
        return FakeMining(self)

    @cached_property
    def plays(self) -> FakePlays:
        return FakePlays(self)

    @cached_property
    def findings(self) -> FakeFindings:
        return FakeFindings()

    async def artwork(self, track: Track) -> Artwork | None:
        self._told("artwork", track)
        return None if track.artwork_url is None else Artwork(track.artwork_url, "Spotify")

    async def facts(self, track: Track) -> TrackFacts | None:
        self._told("facts", track)
        return None

    @property
    def now_ms(self) -> EpochMs:
        """What the hub's clock shows."""
        return self._clock.now_ms()

    def tell(self, name: str, *arguments: object) -> None:
        """Note the call; raise what a test wants it to."""
        self._told(name, *arguments)

    @property
    def rooms(self) -> Mapping[RoomSlug, Room]:
        return self._rooms

    @property
    def zones(self) -> Sequence[ZoneName]:
        return self.known_zones

    @property
    def accounts(self) -> Sequence[Account]:
        return (self.account,)

    @property
    def started_at_ms(self) -> EpochMs:
        return EpochMs(1_763_600_000_000)

    @property
    def last_event_id(self) -> int:
        return self.events[-1].id if self.events else 0

    def announce(self, url: str | None) -> None:
        self.announced.append(url)

    async def sync_library(self) -> SyncReport:
        self._told("sync_library")
        return SyncReport(new=3, total=120, moved=1, gone=2, playlists=12)

    async def import_pool(self, text: str, form: str, *, overwrite: bool = False) -> ImportReport:
        self._told("import_pool", text, form, overwrite)
        return ImportReport(1, 2, 3, ("House: Sóng\ud800 by X: not found",), ("line 7: no tier",))

    def add_room(self, room: Room) -> None:
        """One more room, with an empty pool."""
        self._rooms[room.slug] = room
        self.pools[room.slug] = []

    def _told(self, name: str, *arguments: object) -> None:
        self.calls.append((name, *arguments))
        if name in self.fail:
            raise self.fail[name]

    async def activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        self._told("activate", room, zone)
        self.active = room
        batch = tuple(
            LedgerEntry(number, zone or HOME, room, tier, track(number), 1, LedgerStatus.QUEUED, "drawn")
            for number, tier in enumerate(RECIPE, start=1)
        )
        self.upcoming = batch[1:]
        self.drawn = BatchView(room, tuple(BatchTrack(entry.id, entry) for entry in batch))
        self.play_track(batch[0].track, room, batch[0].tier)
        return Activation(room, batch, ("the repeat window was loosened",))

    def play_track(self, what: Track, room: RoomSlug | None = LATE_NIGHT, tier: Tier | None = Tier.CONFIRMED) -> None:
        """Let ``what`` play at 12 s."""
        self.now = NowPlaying(
            what, DurationMs(12_000), self._clock.now_ms(), True, room, tier, Tier.SAFE_SIDE, "a confirmed track"
        )

    async def turn_on(
        self, room: RoomSlug, zone: ZoneName | None = None, *, only_if_silent: bool = False
    ) -> Activation | None:
        """Tells of itself only by the activation that follows, if any."""
        is_playing = self.now is not None and self.now.is_playing
        if is_playing and (only_if_silent or (self.active == room and self.now is not None and self.now.room == room)):
            return None
        return await self.activate(room, zone)

    async def rooms_off(self, zone: ZoneName | None = None) -> None:
        self._told("rooms_off", zone)
        self.active = None
        self.end_station()

    async def play(self, zone: ZoneName | None = None) -> None:
        self._told("play", zone)

    async def pause(self, zone: ZoneName | None = None) -> None:
        self._told("pause", zone)

    async def next(self, meant: Uri | None = None, zone: ZoneName | None = None) -> bool:
        self._told("next", meant, zone)
        return meant is None or (self.now is not None and self.now.track.uri == meant)

    async def play_pause(self, zone: ZoneName | None = None) -> None:
        self._told("play_pause", zone)

    async def never_again(self, meant: Uri | None = None, zone: ZoneName | None = None) -> Receipt | None:
        self._told("never_again", meant, zone)
        return None

    def wanted_room(self, zone: ZoneName | None = None) -> RoomSlug | None:
        return self.active

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(changed)
        return lambda: self.watchers.remove(changed)

    async def set_learning(self, is_on: bool, for_ms: DurationMs | None = None) -> None:
        self._told("set_learning", is_on, for_ms)
        self.is_learning = is_on
        self.learning_back_at_ms = None if for_ms is None else EpochMs(self._clock.now_ms() + for_ms)

    def add_receipts(self, count: int, name: str | None = None) -> None:
        """So many skips, each with its receipt."""
        for _ in range(count):
            number = len(self.receipt_list) + 1
            what = track(number, name)
            before = PoolEntry(what, Tier.CONFIRMED)
            after = PoolEntry(what, Tier.SAFE_SIDE, strikes=1)
            self.receipt_list.append(
                Receipt(
                    number,
                    LATE_NIGHT,
                    what,
                    ReceiptKind.SKIPPED,
                    before,
                    after,
                    EpochMs(1_763_600_000_000 + number),
                    name or "skipped at 0:12",
                    number,
                    HOME,
                    DurationMs(12_000),
                    what.duration_ms,
                )
            )

    async def undo_group(self, group: str) -> Sequence[Receipt]:
        self._told("undo_group", group)
        return [await self.undo(each.id) for each in list(self.receipt_list) if each.group == group]

    async def import_past(self, plays: Sequence[PastPlay]) -> PastImport:
        self._told("import_past", *plays)
        return PastImport(new=len(plays), known=0, enriched=0)

    async def warm_pools(self) -> Warming:
        self._told("warm_pools")
        return Warming("past-2026-11-21-1", tuple(self.receipt_list))

    async def undo(self, receipt_id: int) -> Receipt:
        self._told("undo", receipt_id)
        for old in self.receipt_list:
            if old.id == receipt_id:
                new = replace(old, id=len(self.receipt_list) + 1, kind=ReceiptKind.UNDO, undoes=(old.id,))
                self.receipt_list.append(replace(new, before=old.after, after=old.before, why="taken back"))
                self.undone[old.id] = new.id
                return self.receipt_list[-1]
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such receipt")

    async def state(self, zone: ZoneName | None = None) -> StateView:
        self._told("state", zone)
        room, now = self._sounding(zone or HOME)
        return StateView(
            version="0.1.0",
            zone=zone or HOME,
            active_room=room_only(room),
            active_station=station_of(room),
            is_learning=self.is_learning,
            learning_back_at_ms=self.learning_back_at_ms,
            login=self.account.state,
            now_playing=now,
            upcoming=self.upcoming,
            receipts=tuple(reversed(self.receipt_list))[:20],
            plugins=tuple(self.plugin_views()),
            troubles=self.troubles,
            leader=self.leaders.get(zone or HOME),
            zones=tuple(self.zones),
        )

    async def zone_views(self) -> Sequence[ZoneView]:
        self._told("zone_views")
        return [
            ZoneView(
                zone=zone,
                label=self.labels.get(zone, zone.title()),
                active_room=room_only(self._shown(zone)[0]),
                active_station=station_of(self._shown(zone)[0]),
                now_playing=self._shown(zone)[1],
                is_lost=zone in self.lost,
                trouble=self.hindered.get(zone),
                leader=self.leaders.get(zone),
                members=tuple(each for each, leader in self.leaders.items() if leader == zone),
            )
            for zone in self.zones
        ]

    def _shown(self, zone: ZoneName) -> tuple[RoomSlug | None, NowPlaying | None]:
        return self._sounding(zone) if self.leaders.get(zone, zone) in (HOME, *self.music) else (None, None)

    def _sounding(self, zone: ZoneName) -> tuple[RoomSlug | None, NowPlaying | None]:
        return self.music.get(self.leaders.get(zone, zone), (self.active, self.now))

    async def batch(self, zone: ZoneName | None = None) -> BatchView:
        self._told("batch", zone)
        return self.drawn

    async def room_views(self) -> Sequence[RoomView]:
        self._told("room_views")
        counts = {Tier.CONFIRMED: 5, Tier.SAFE_SIDE: 4, Tier.DISCOVERY: 1} if self.has_tracks else {}
        return [
            RoomView(room, slug == self.active, counts, (HOME,) if slug == self.active else ())
            for slug, room in self._rooms.items()
        ]

    async def pool(self, room: RoomSlug) -> Sequence[PoolEntry]:
        self._told("pool", room)
        return self.pools[room]

    async def receipts(self, limit: int = 50, before: int | None = None) -> Sequence[ReceiptView]:
        self._told("receipts", limit, before)
        newest = [each for each in reversed(self.receipt_list) if before is None or each.id < before]
        return [ReceiptView(each, self.undone.get(each.id)) for each in newest[:limit]]

    async def history(self, limit: int = 50, before: int | None = None) -> Sequence[ListenView]:
        self._told("history", limit, before)
        return [each for each in reversed(self.listens) if before is None or each.id < before][:limit]

    async def events_after(self, event_id: int, limit: int = 500) -> Sequence[Event]:
        self._told("events_after", event_id, limit)
        return [each for each in self.events if each.id > event_id][:limit]

    async def devices(self, zone: ZoneName | None = None) -> Sequence[Device]:
        self._told("devices", zone)
        return self.known_devices

    async def wake(self, device: str, zone: ZoneName | None = None) -> None:
        self._told("wake", device, zone)

    async def quiet(self, zone: ZoneName | None = None) -> QuietWalk:
        self._told("quiet", zone)
        return walk(self.quiet_facts)

    @property
    def setup(self) -> FakeSetup:
        return self.owners_file

    async def health(self) -> Sequence[Check]:
        self._told("health")
        return self.checks

    def plugin_views(self) -> Sequence[PluginView]:
        return self.plugins

    def metrics(self) -> Mapping[str, float]:
        return self.figures
