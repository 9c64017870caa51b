"""A listener who lives a real history again: the same tracks, in the same order, for the same time."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.history import History, PastPlay
from moodroom_hub.simulator.items import Item, ItemKind
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World

_UNKNOWN_DURATION_MS = 210_000
_UNKNOWN_EPISODE_MS = 2_700_000
_SHORTEST_MS = 5_000
_TOGETHER_MS = 5_000
_TOGETHER_BY_MINUTE_MS = 90_000
_END_MARGIN_MS = 500
_RAN_OUT = "trackdone"
_STOPS = frozenset({"endplay", "logout", "unexpected-exit", "unexpected-exit-while-paused", "remote"})

Ending = Literal["natural", "skip", "jump", "stop"]


@dataclass(frozen=True, slots=True)
class TimedPlay:
    """One play on the timeline. ``started_ms`` is reckoned; ``ending`` is how it gives way to what follows."""

    started_ms: int
    play: PastPlay
    duration_ms: int
    ending: Ending
    is_followed: bool

    @property
    def ended_ms(self) -> int:
        """When it gave way."""
        return self.started_ms + self.play.ms_played


def durations(history: History) -> dict[str, int]:
    """Each item's duration: the longest play that ran out; where none did, the longest at all, or a usual length."""
    ran_out: dict[str, int] = {}
    longest: dict[str, int] = {}
    for play in history.plays:
        longest[play.uri] = max(longest.get(play.uri, 0), play.ms_played)
        if play.reason_end == _RAN_OUT:
            ran_out[play.uri] = max(ran_out.get(play.uri, 0), play.ms_played)
    kinds = {play.uri: play.kind for play in history.plays}
    usual = {ItemKind.EPISODE: _UNKNOWN_EPISODE_MS}
    found: dict[str, int] = {}
    for uri, ms_played in longest.items():
        least = usual.get(kinds[uri], _UNKNOWN_DURATION_MS)
        # An account export tells no reasons: its longest play is taken for the whole, unless it is a mere glance.
        is_whole = ms_played >= least // 3
        found[uri] = max(_SHORTEST_MS, ran_out.get(uri) or (ms_played if is_whole else least))
    return found


def timeline(history: History) -> Iterator[TimedPlay]:
    """The plays one after the other, never overlapping; gaps of the real life are kept."""
    lengths = durations(history)
    free_ms: int | None = None
    starts: list[int] = []
    for play in history.plays:
        start_ms = play.ended_ms - play.ms_played
        together_ms = _TOGETHER_BY_MINUTE_MS if play.is_minute else _TOGETHER_MS
        if free_ms is not None and start_ms - free_ms <= together_ms:
            start_ms = free_ms
        starts.append(start_ms)
        free_ms = start_ms + play.ms_played
    for place, play in enumerate(history.plays):
        ended_ms = starts[place] + play.ms_played
        is_followed = place + 1 < len(starts) and starts[place + 1] == ended_ms
        yield TimedPlay(
            starts[place], play, lengths[play.uri], _ending(play, lengths[play.uri], is_followed), is_followed
        )


def _ending(play: PastPlay, duration_ms: int, is_followed: bool) -> Ending:
    ran_out = play.reason_end == _RAN_OUT
    if play.reason_end is None:
        ran_out = play.ms_played >= duration_ms - _END_MARGIN_MS
    if ran_out and play.ms_played > 0:
        return "natural"
    if not is_followed or play.reason_end in _STOPS:
        return "stop"
    return "jump" if play.reason_end in ("clickrow", "playbtn", "appload") else "skip"


class ReplayListener:
    """Plays a history into a world, shifted so that its first play begins when it is attached.

    Each listen ends as it did: it runs out, is skipped, gives way to something clicked, or stops for a while.
    Plays longer than their item are seeked back, those that ran out early seeked forward.
    """

    def __init__(self, history: History) -> None:
        self.timeline = tuple(timeline(history))

    def items(self) -> list[Item]:
        """Everything that this history plays."""
        found: dict[str, Item] = {}
        for timed in self.timeline:
            play = timed.play
            found.setdefault(
                play.uri,
                Item(play.uri, play.name, (play.artist,), timed.duration_ms, play.album, kind=play.kind),
            )
        return list(found.values())

    def attach(self, world: World) -> int:
        """Make its items known and put the first play on the agenda; gives when the last one ends (world time)."""
        world.advance()
        for item in self.items():
            world.items.setdefault(item.uri, item)
        if not self.timeline:
            return world.at_ms
        shift_ms = world.at_ms - self.timeline[0].started_ms
        self._put(world, 0, shift_ms, is_cued=False)
        return self.timeline[-1].ended_ms + shift_ms

    def _put(self, world: World, place: int, shift_ms: int, is_cued: bool) -> None:
        """Put one play on the agenda. ``is_cued``: it stands in the queue and begins by itself."""
        timed = self.timeline[place]
        world.schedule(timed.started_ms + shift_ms, lambda: self._live(world, place, shift_ms, is_cued))

    def _live(self, world: World, place: int, shift_ms: int, is_cued: bool) -> None:
        timed = self.timeline[place]
        me, uri = Actor.LISTENER, timed.play.uri
        start_ms, end_ms = timed.started_ms + shift_ms, timed.ended_ms + shift_ms
        if not is_cued:
            _attempt(lambda: world.play(me, uris=[uri]))
        self._bend(world, timed, start_ms, end_ms)
        following = self.timeline[place + 1] if place + 1 < len(self.timeline) else None
        cues = following is not None and timed.is_followed and timed.ending in ("natural", "skip")
        if cues and following is not None:
            _attempt(lambda: world.queue(me, following.play.uri))
        listen_id = world.open_listen_id

        def end(deed: Callable[[Actor], None]) -> None:
            if world.open_listen_id == listen_id:  # else it ran out at this very moment
                _attempt(lambda: deed(me))

        if timed.ending == "skip":
            world.schedule(end_ms, lambda: end(world.next))
        elif timed.ending == "stop":
            world.schedule(end_ms, lambda: end(world.pause))
        elif not timed.is_followed:
            world.schedule(end_ms, world.give_up)
        if following is not None:
            self._put(world, place + 1, shift_ms, cues)

    def _bend(self, world: World, timed: TimedPlay, start_ms: int, end_ms: int) -> None:
        """Seek where a play was shorter or longer than its item allows."""
        duration_ms, ms_played = timed.duration_ms, timed.play.ms_played
        if timed.ending == "natural" and ms_played < duration_ms:
            _attempt(lambda: world.seek(Actor.LISTENER, duration_ms - ms_played))
            return
        at_ms, left_ms = start_ms, ms_played
        while left_ms > duration_ms:
            at_ms += duration_ms - _END_MARGIN_MS
            left_ms -= duration_ms - _END_MARGIN_MS
            world.schedule(at_ms, lambda: _attempt(lambda: world.seek(Actor.LISTENER, 0)))


def _attempt(act: Callable[[], None]) -> None:
    with contextlib.suppress(Refused):
        act()
