"""What shall become of a playlist: plans of changing it, of going on with a change, and of taking one back.

Lists are uris in the service's order; an item of which it tells no uri is ``steps.UNKNOWN``. *Ours* are those that the
sorter put there; everything else the owner placed by hand: that is never removed, and keeps its order.
``same``: of uris of one recording the one that stands for all of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.steps import is_settable

NONE_SAME: Mapping[Uri, Uri] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """One playlist's change. ``rows``: what it holds afterwards; ``ours``: of these, those the sorter put there.

    ``adds`` and ``removes`` in the lists' order; ``by_hand``: how many items there the owner placed.
    """

    adds: tuple[Uri, ...]
    removes: tuple[Uri, ...]
    rows: tuple[Uri, ...]
    ours: tuple[Uri, ...]
    by_hand: int

    @property
    def is_change(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.adds or self.removes)


def plan(
    current: Sequence[Uri], ours: Collection[Uri], wanted: Sequence[Uri], same: Mapping[Uri, Uri] = NONE_SAME
) -> Plan:
    """What makes of ``current`` the list that holds ``wanted`` (in the motherlist's order, which new ones keep).

    What is there already, also as another uri of the same recording, is not added; what the owner took out of ours is
    not put back; a song of ours that the owner put there once more is the owner's.
    """
    held = Counter(current)
    kept_ours = frozenset(uri for uri in ours if held[uri] == 1)
    belongs = {same.get(uri, uri) for uri in wanted}
    removes = tuple(uri for uri in current if uri in kept_ours and same.get(uri, uri) not in belongs)
    gone = frozenset(removes)
    rest = tuple(uri for uri in current if uri not in gone)
    known = {same.get(uri, uri) for uri in (*current, *ours)}
    adds: list[Uri] = []
    for uri in wanted:
        if is_settable(uri) and same.get(uri, uri) not in known:
            known.add(same.get(uri, uri))
            adds.append(uri)
    still_ours = tuple(uri for uri in rest if uri in kept_ours)
    return Plan(tuple(adds), removes, (*rest, *adds), (*still_ours, *adds), len(rest) - len(still_ours))


def going_on(current: Sequence[Uri], former: Sequence[Uri], wanted: Sequence[Uri]) -> tuple[Uri, ...]:
    """What a list shall hold whose change from ``former`` to ``wanted`` was begun, and of which ``current`` is there.

    What the owner did to it meanwhile stays done. Of a song that came twice under way one stays.
    """
    begun, ended = frozenset(former), frozenset(wanted)
    held = Counter(current)
    rest = (
        uri for uri in current if (uri in ended or uri not in begun or held[uri] > 1) and not _is_new(uri, begun, ended)
    )
    return (*rest, *(uri for uri in wanted if _is_new(uri, begun, ended)))


def going_back_on(current: Sequence[Uri], former: Sequence[Uri], wanted: Sequence[Uri]) -> tuple[Uri, ...]:
    """The same for a taking back: exactly ``wanted``, and at its end what the owner placed there meanwhile."""
    begun, ended = frozenset(former), frozenset(wanted)
    more = _beyond(current, Counter(former) | Counter(wanted))
    return (*wanted, *(uri for uri in more if not _is_new(uri, begun, ended)))


def is_as_left(current: Sequence[Uri], former: Sequence[Uri], wanted: Sequence[Uri], *, is_done: bool) -> bool:
    """Whether the owner changed nothing since the change, which may have stopped half-way (``is_done`` false)."""
    if is_done:
        return tuple(current) == tuple(wanted)
    begun, ended = frozenset(former), frozenset(wanted)
    held = frozenset(current)
    old = [uri for uri in current if not _is_new(uri, begun, ended)]
    return old == [uri for uri in former if uri in ended or uri in held]


def taken_back(current: Sequence[Uri], former: Sequence[Uri], wanted: Sequence[Uri]) -> tuple[Uri, ...]:
    """What a list shall hold so that its change is taken back: exactly ``former``.

    What the owner placed there since is not lost: it stands at the end.
    """
    begun, ended = frozenset(former), frozenset(wanted)
    ours = Counter(dict.fromkeys((uri for uri in wanted if _is_new(uri, begun, ended)), 1))
    return (*former, *_beyond(current, Counter(former) + ours))


def _is_new(uri: Uri, begun: frozenset[Uri], ended: frozenset[Uri]) -> bool:
    return uri in ended and uri not in begun


def _beyond(current: Sequence[Uri], known: Counter[Uri]) -> list[Uri]:
    """Those of the items that are more than is known of."""
    left = known.copy()
    more = []
    for uri in current:
        if left[uri] > 0:
            left[uri] -= 1
        else:
            more.append(uri)
    return more
