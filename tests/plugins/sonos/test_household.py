"""Where music goes when up to six speakers are regrouped in every way."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import DurationMs, EpochMs
from moodroom_hub.plugins.sonos.household import Move, Music, goes_on, moves, needs_asking
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.topology import Player, Topology, made_of

UIDS = tuple("ABCDEF")
THEN, NOW = EpochMs(1_000_000), EpochMs(1_015_000)


def house(*groups: str) -> Topology:
    """``house("AB", "C")``: A leads B, C is alone."""
    players = {uid: Player(uid, uid, Address("127.0.0.1")) for group in groups for uid in group}
    return made_of(players, {group[0]: set(group) for group in groups})


def music(name: str, position_ms: int = 60_000, at_ms: int = THEN, *, is_playing: bool = True) -> Music:
    return Music(name, DurationMs(position_ms), EpochMs(at_ms), is_playing)


def later(name: str) -> Music:
    """The same, fifteen seconds on."""
    return music(name, 75_000, NOW)


def tuned_in(name: str, at_ms: int) -> Music:
    """One station for all; ``name`` tells only how long it has been on at ``THEN``."""
    on_ms = 60_000 + 600_000 * UIDS.index(name[-1]) + at_ms - THEN
    return Music("station", DurationMs(on_ms), EpochMs(at_ms), is_playing=True, is_stream=True)


def test_the_coordinator_walks_out_and_the_rest_plays_on() -> None:
    after = {"A": None, "B": later("song")}
    assert moves(house("ABC"), house("A", "BC"), {"A": music("song")}, after) == (Move("A", "B"),)


def test_everybody_else_leaves_and_the_coordinator_plays_on() -> None:
    """The same picture as above for two speakers; only what they play tells."""
    assert moves(house("AB"), house("A", "B"), {"A": music("song")}, {"A": later("song"), "B": None}) == ()
    assert moves(house("AB"), house("A", "B"), {"A": music("song")}, {"A": None, "B": later("song")}) == (
        Move("A", "B"),
    )


def test_a_group_formed_anew_under_another_coordinator() -> None:
    assert moves(house("ABC"), house("BAC"), {"A": music("song")}, {"B": later("song")}) == (Move("A", "B"),)
    assert moves(house("ABC"), house("BAC"), {"A": music("song")}, {}) == (Move("A", "B"),), "nobody could be asked"


def test_the_coordinator_walks_out_and_the_heir_cannot_be_asked() -> None:
    """A speaker that is handed music has nothing left; one that was merely stopped still has its queue."""
    before = {"A": music("song")}
    assert moves(house("AB"), house("A", "B"), before, {"A": None}) == (Move("A", "B"),)
    assert moves(house("AB"), house("A", "B"), before, {"A": music("song", is_playing=False)}) == ()
    assert moves(house("AB"), house("A", "B"), before, {}) == (), "nobody could be asked"
    assert moves(house("A", "B"), house("A", "B"), before, {"A": None}) == (), "it led itself all along"


def test_who_joins_another_group_takes_nothing_along() -> None:
    before = {"A": music("one"), "B": music("two")}
    assert moves(house("A", "B"), house("BA"), before, {"B": later("two")}) == ()


def test_the_next_track_has_begun_meanwhile() -> None:
    after = {"A": None, "B": music("next", 2_000, NOW)}
    assert moves(house("AB"), house("A", "B"), {"A": music("song")}, after) == (Move("A", "B"),)


def test_the_listener_starts_another_song_at_a_coordinator_that_stays() -> None:
    after = {"A": music("other", 2_000, NOW), "B": None}
    assert moves(house("AB"), house("A", "B"), {"A": music("song")}, after) == ()


def test_music_that_went_through_a_group_that_nobody_saw() -> None:
    """Joined and left between two looks: the very song goes on elsewhere, where it must have come to."""
    after = {"A": None, "B": later("song")}
    assert moves(house("A", "B"), house("A", "B"), {"A": music("song")}, after) == (Move("A", "B"),)
    elsewhere = {"A": None, "B": music("song", 3_000, NOW)}
    assert moves(house("A", "B"), house("A", "B"), {"A": music("song")}, elsewhere) == (), (
        "the same song from its start"
    )


def test_a_chain_is_told_from_its_end() -> None:
    before = {"A": music("one"), "B": music("two")}
    after = {"A": None, "B": later("one"), "C": later("two")}
    assert moves(house("AB", "C"), house("A", "B", "C"), {"A": music("one")}, after) == (Move("A", "B"),)
    chain = moves(house("A", "BC"), house("A", "B", "C"), before, after)
    assert chain == (Move("B", "C"), Move("A", "B"))


def test_what_went_round_in_a_circle_is_left_alone() -> None:
    before = {"A": music("one"), "B": music("two")}
    assert moves(house("A", "B"), house("A", "B"), before, {"A": later("two"), "B": later("one")}) == ()


def test_who_must_be_asked() -> None:
    playing = {"A": music("song")}
    assert needs_asking(house("ABC", "D"), house("ABC", "D"), playing) == ()
    assert needs_asking(house("ABC"), house("A", "BC"), playing) == ("A", "B")
    assert needs_asking(house("ABC"), house("BAC"), playing) == ("B",)
    assert needs_asking(house("ABC"), house("A", "BC"), {}) == (), "silence goes nowhere"
    assert needs_asking(house("A", "B"), house("AB"), playing) == ("A",)


def test_what_a_silent_speaker_played_is_found_in_its_middle_elsewhere() -> None:
    before = {"A": music("song"), "B": tuned_in("B", THEN)}
    apart, found = house("A", "B"), {"B": later("song")}
    assert moves(apart, apart, before, found, silent={"A"}) == (Move("A", "B"),)
    assert moves(apart, apart, before, found) == (), "A was not asked, but answers others"
    assert moves(apart, apart, before, {"B": music("song", 5_000, NOW)}, silent={"A"}) == (), "it was just put on there"
    assert moves(apart, apart, before, {"B": music("song", 175_000, NOW)}, silent={"A"}) == (), "it is elsewhere in it"


def test_a_paused_song_goes_on_where_it_stood() -> None:
    stood = music("song", 60_000, is_playing=False)
    assert goes_on(stood, music("song", 60_000, NOW, is_playing=False))
    assert goes_on(stood, music("song", 70_000, NOW))
    assert not goes_on(music("song"), music("song", 60_000, NOW + 60_000))
    assert not goes_on(stood, music("song", 200_000, NOW))


@dataclass
class Truth:
    """A household that knows where each music is, and does what Sonos does."""

    leads: dict[str, str] = field(default_factory=lambda: {uid: uid for uid in UIDS})
    at: dict[str, str] = field(default_factory=dict)

    def members(self, leader: str) -> list[str]:
        return [uid for uid in UIDS if self.leads[uid] == leader]

    def hand_over(self, leader: str, to: str) -> None:
        for uid in self.members(leader):
            self.leads[uid] = to
        if leader in self.at:
            self.at[to] = self.at.pop(leader)

    def leave(self, uid: str) -> None:
        rest = [each for each in self.members(self.leads[uid]) if each != uid]
        if self.leads[uid] == uid and rest:
            self.hand_over(uid, rest[0])
        self.leads[uid] = uid

    def join(self, uid: str, other: str) -> None:
        if self.leads[other] == self.leads[uid]:
            return
        self.leave(uid)
        self.at.pop(uid, None)
        self.leads[uid] = self.leads[other]

    def topology(self) -> Topology:
        return house(*(leader + "".join(self.members(leader)) for leader in sorted(set(self.leads.values()))))


@st.composite
def regroupings(draw: st.DrawFn) -> tuple[Truth, list[tuple[str, str, str]]]:
    truth = Truth()
    one = st.sampled_from(UIDS)
    act = st.tuples(st.sampled_from(["join", "leave", "hand over"]), one, one)
    for _, uid, other in draw(st.lists(act, max_size=5)):
        truth.join(uid, other)
    for leader in sorted(set(truth.leads.values())):
        if draw(st.booleans()):
            truth.at[leader] = f"music of {leader}"
    return truth, draw(st.lists(act, min_size=1, max_size=4))


@given(regroupings(), st.booleans())
def test_exactly_the_music_that_goes_on_elsewhere_is_moved(
    case: tuple[Truth, list[tuple[str, str, str]]], is_one_station: bool
) -> None:
    """Also where everybody listens to the same station: how long each has had it on tells them apart."""
    truth, acts = case
    old = truth.topology()
    where = {name: uid for uid, name in truth.at.items()}
    then = (lambda name: tuned_in(name, THEN)) if is_one_station else music
    now = (lambda name: tuned_in(name, NOW)) if is_one_station else later
    before = {uid: then(name) for uid, name in truth.at.items()}
    for act, uid, other in acts:
        if act == "join":
            truth.join(uid, other)
        elif act == "leave":
            truth.leave(uid)
        elif other in truth.members(truth.leads[uid]) and other != truth.leads[uid]:
            truth.hand_over(truth.leads[uid], other)
    new = truth.topology()
    after = {uid: now(truth.at[uid]) if uid in truth.at else None for uid in new.coordinators}

    told = moves(old, new, before, after)

    expected = {where[name]: uid for uid, name in truth.at.items() if where[name] != uid}
    assert {move.source: move.to for move in told} == without_circles(expected)
    assert len({move.to for move in told}) == len(told)
    moved: set[str] = set()
    for move in told:
        own = next((name for name, uid in where.items() if uid == move.to), None)
        assert own is None or own not in truth.at.values() or move.to in moved, "nobody's music is overwritten"
        moved.add(move.source)
    staying = {uid for uid, name in truth.at.items() if where[name] == uid}
    assert not staying & {move.to for move in told}
    if len(acts) == 1:
        asked = {uid: after[uid] for uid in needs_asking(old, new, before)}
        assert moves(old, new, before, asked) == told, "asking those who must be asked is enough"


def without_circles(taken: dict[str, str]) -> dict[str, str]:
    """Whatever ends at somebody whose own music does not move."""
    kept = {}
    for source in taken:
        at, steps = source, 0
        while at in taken and steps <= len(taken):
            at, steps = taken[at], steps + 1
        if steps <= len(taken):
            kept[source] = taken[source]
    return kept
