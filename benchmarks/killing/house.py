"""The house: a world with a listener in it, an owner with wishes, and a record of everything that matters."""

import json
from dataclasses import dataclass, field
from random import Random

from benchmarks.killing.messages import Ask, Order, Reply
from benchmarks.killing.zygote import EPOCH_MS
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, demo_items, demo_liked, demo_pools, own_playlist_uris
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.listener import Listener
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.spotify_api.answers import Answer
from moodroom_hub.simulator.truth import Truth
from moodroom_hub.simulator.world import World

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
_QUEUE = "POST /v1/me/player/queue"
_LOOK = "GET /v1/me/player"


@dataclass(frozen=True, slots=True)
class Look:
    """A hub was shown this track."""

    life: int
    at_ms: int
    uri: str


@dataclass(frozen=True, slots=True)
class Post:
    """A hub asked to queue this track."""

    life: int
    at_ms: int
    uri: str


@dataclass(slots=True)
class Life:
    """One hub. ``ready_ms`` is its first request (``None``: it never came so far), ``end`` how it ended."""

    number: int
    start_ms: int
    ready_ms: int | None = None
    end_ms: int = 0
    end: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An order that a hub was given."""

    life: int
    at_ms: int
    order: Order


@dataclass(slots=True)
class Record:
    """What the house saw."""

    lives: list[Life] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    asked_looks: list[tuple[int, int]] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requests: int = 0
    most_waiting: int = 0
    logins: int = 0
    longest_queue: int = 0


class House:
    """Answers a hub's requests out of a world that lives on whether one asks or not."""

    def __init__(self, seed: int, faults: FaultPlan, temperament: str) -> None:
        self.now_ms = EPOCH_MS
        self.record = Record()
        self._rng = Random(f"owner:{seed}")
        library = Library(demo_liked(EPOCH_MS))
        own = own_playlist_uris()
        playlist = library.make_playlist("Not for any room", EPOCH_MS, own)
        self.world = World(
            lambda: self.now_ms,
            demo_items(),
            seed=seed,
            devices=[SimDevice("Living Room", presence=Presence.ACTIVE), SimDevice("Phone", kind="Smartphone")],
            library=library,
        )
        self.fake = FakeSpotify(self.world, faults=faults, seed=seed)
        self.listener = Listener(
            temperament,
            seed,
            pools=demo_pools(),
            own=own,
            own_context=playlist.uri,
            wants_room=lambda mood: self._wish(Order("activate", mood or ROOM_SLUGS[0])),
        )
        self.listener.attach(self.world)
        self._wishes: list[Order] = []
        self._next_switch_ms = EPOCH_MS
        self._next_whim_ms = EPOCH_MS + HOUR_MS
        self._began = 0
        self.world.observe(lambda _: self._count())

    @property
    def truth(self) -> Truth:
        """What really happened."""
        return self.world.truth

    @property
    def begun(self) -> int:
        """How many listens began."""
        self.world.advance()
        return self._began

    @property
    def is_order_due(self) -> bool:
        """Whether the next answer carries a person's order."""
        return bool(self._wishes) or self.now_ms >= min(self._next_switch_ms, self._next_whim_ms)

    @property
    def life(self) -> Life:
        """The hub that lives now, or lived last."""
        return self.record.lives[-1]

    def born(self, start_ms: int) -> Life:
        """A hub begins."""
        life = Life(len(self.record.lives) + 1, start_ms, end_ms=start_ms)
        self.record.lives.append(life)
        self.now_ms = max(self.now_ms, start_ms)
        return life

    def answer(self, ask: Ask) -> Reply:
        """Let the world come to the moment of the request, and answer."""
        record, life = self.record, self.life
        self.now_ms = max(self.now_ms, ask.now_ms)
        if life.ready_ms is None:
            life.ready_ms = self.now_ms
        life.end_ms = self.now_ms
        record.requests += 1
        record.notes.extend(ask.notes)
        record.most_waiting = max(record.most_waiting, ask.waiting)
        record.longest_queue = max(record.longest_queue, len(self.world.true_queue()))
        answer = self.fake.handle(ask.method, ask.path, ask.query, ask.headers, ask.body, ask.way_back_ms)
        if ask.endpoint == _QUEUE:
            record.posts.append(Post(life.number, self.now_ms, ask.query["uri"]))
        elif ask.endpoint == _LOOK:
            record.asked_looks.append((life.number, self.now_ms))
            uri = _shown(answer)
            if uri is not None:
                record.looks.append(Look(life.number, self.now_ms, uri))
        orders = self._orders()
        record.given.extend(Given(life.number, self.now_ms, order) for order in orders)
        return Reply(answer, orders)

    def _wish(self, order: Order) -> None:
        self._wishes.append(order)

    def _orders(self) -> tuple[Order, ...]:
        now_ms, rng = self.now_ms, self._rng
        if now_ms >= self._next_switch_ms:
            room = rng.choice(ROOM_SLUGS)
            self.listener.mood = room
            self._wish(Order("activate", room))
            self._next_switch_ms = now_ms + rng.randint(20, 240) * MINUTE_MS
            self._next_whim_ms = max(self._next_whim_ms, now_ms + MINUTE_MS)
        if now_ms >= self._next_whim_ms:
            whim = rng.choice(("next", "next", "undo", "undo", "sync"))
            self._wish(Order(whim, str(rng.randint(0, 11))))
            self._next_whim_ms = now_ms + rng.randint(30, 180) * MINUTE_MS
        wishes, self._wishes = tuple(self._wishes), []
        return wishes

    def _count(self) -> None:
        self._began += 1


def _shown(answer: Answer) -> str | None:
    """The track that this answer shows, if it arrives."""
    if answer.status != 200 or answer.drop is not None:
        return None
    try:
        item = json.loads(answer.body)["item"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(item["uri"]) if item else None
