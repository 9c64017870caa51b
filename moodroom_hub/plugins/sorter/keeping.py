"""From places to playlists: what would be written, writing it, and taking it back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.sorting import PlacedTrack, Preview, SublistChange, Write, WriteStatus
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, Standing, SublistKey
from moodroom_hub.plugins.sorter.jobs import OWNERS, Teller
from moodroom_hub.plugins.sorter.knowledge import Knowledge
from moodroom_hub.plugins.sorter.reader import Reader
from moodroom_hub.plugins.sorter.views import counted, untaught

if TYPE_CHECKING:  # a hub whose sorter writes nothing shall not hold it
    from moodroom_hub.plugins.sorter.writing.applying import Difference
    from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter

ROOMS = "its sublists are rooms, and rooms are filled by mining: moodroom-hub mine --miner sorter"

Targets = dict[SublistKey, tuple[Uri, ...]]


class Keeping:
    """Keeps the sublists' playlists. Every method raises ``Trouble`` with the mend."""

    def __init__(self, hub: Callable[[], HubFace], reader: Reader, clock: Clock) -> None:
        self._hub = hub
        self._reader = reader
        self._clock = clock
        self._writer: PlaylistWriter | None = None

    @property
    def writer(self) -> "PlaylistWriter":
        """Whoever writes. Raises ``Trouble`` where no account has playlists that can be written."""
        if self._writer is None:
            # Late: see above.
            from moodroom_hub.plugins.sorter.writing.desk import keeper_of
            from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter

            hub = self._hub()
            self._writer = PlaylistWriter(keeper_of(hub.accounts), hub.sorting, self._clock)
        return self._writer

    async def preview(self, layer: Layer) -> Preview:
        """What ``apply`` would do; it reads as anew as ``apply`` does, so that both heed the same hands."""
        await self._reader.anew()
        known = await self._reader.one(layer.key)
        refuse_untaught(known)
        placed = [PlacedTrack(known.known[uri], place) for uri, place in known.places.items()]
        counts = {standing: sum(each.place.standing is standing for each in placed) for standing in Standing}
        targets = targets_of(known)
        if not targets:
            return Preview(layer.key, (), tuple(placed), counts, 0, (ROOMS, *known.remarks))
        differences, outcome = await self.writer.diff(layer, targets, same=known.songs.same)
        return Preview(
            layer=layer.key,
            changes=tuple(_change(each, known) for each in differences),
            placed=tuple(placed),
            counts=counts,
            calls=sum(each.calls for each in differences),
            notes=(*outcome.notes, *known.remarks),
        )

    async def apply(self, layers: Sequence[Layer], tell: Teller, *, is_named: bool) -> None:
        """Write the playlists of these layers as one. ``is_named``: the owner named the one, so it fails aloud.

        Else what only the owner can mend in one layer does not keep the others from it, and fails where none is left.
        """
        finished = await self.go_on(tell)
        tell.phase("reading what is known")
        await self._reader.anew()
        batch = kept = 0
        troubles: list[Trouble] = []
        for layer in layers:
            try:
                known = await self._reader.one(layer.key)
                targets = targets_of(known)
                if not is_named and not (known.is_decided and targets):
                    tell.note(f"{layer.name}: {ROOMS if not targets else untaught_of(known)}")
                    continue
                refuse_untaught(known)
                if not targets:
                    raise Trouble(TroubleCode.BAD_REQUEST, f"{layer.name}: {ROOMS}.")
                batch = await self.write(known, targets, tell, batch, is_resumed=layer.key in finished)
                kept += 1
            except Trouble as trouble:
                if is_named or trouble.code not in OWNERS:
                    raise
                troubles.append(trouble)
                tell.note(f"{layer.name}: {trouble.message}")
        if troubles and not kept:
            raise troubles[0]

    async def write(
        self, known: Knowledge, targets: Targets, tell: Teller, batch: int = 0, *, is_resumed: bool = False
    ) -> int:
        """Bring these playlists to hold ``targets`` besides the owner's songs; gives the batch's number.

        ``is_resumed``: something of this was written just now already.
        """
        layer = known.layer
        tell.phase(f"{layer.name}: reading the playlists")

        def told_progress(done: int, total: int) -> None:
            if total and not done:  # only now it is known that there is something to be written
                tell.phase(f"{layer.name}: writing")
            tell.progress(done, total)

        try:
            outcome = await self.writer.apply(layer, targets, told_progress, same=known.songs.same, batch=batch)
        finally:
            self._reader.forget([layer.key])
        for note in outcome.notes:
            tell.note(note)
        changed = [each for each in outcome.writes if each.status is WriteStatus.DONE]
        tell.note(f"{layer.name}: {told(changed, is_resumed=is_resumed)}")
        return outcome.batch or batch

    async def rollback(self, key: LayerKey | None, tell: Teller, *, is_forced: bool) -> None:
        """Take the last ``apply`` back, to the exact former order."""
        tell.phase("taking back")
        try:
            outcome = await self.writer.rollback(key, tell.progress, is_forced=is_forced)
        finally:
            self._reader.forget()
        for note in outcome.notes:
            tell.note(note)
        back = len(outcome.writes)
        tell.note(f"{back} {'playlist is' if back == 1 else 'playlists are'} as before")

    async def go_on(self, tell: Teller) -> Collection[LayerKey]:
        """Go on with what was begun, by whomever and whenever; gives the layers of which there was anything."""
        if not await self.is_open():
            return ()
        tell.phase("going on with what was begun")
        try:
            outcome = await self.writer.continue_open(None, tell.progress)
        finally:
            self._reader.forget()
        for note in outcome.notes:
            tell.note(note)
        changed = [each for each in outcome.writes if each.status is WriteStatus.DONE]
        if changed:
            tell.note(f"what was begun earlier is finished: {told(changed)}")
        return {each.layer for each in changed}

    async def is_open(self) -> bool:
        """Whether a write was begun and not finished."""
        return any(each.status is WriteStatus.BEGUN for each in await self._hub().sorting.writes())


def targets_of(known: Knowledge) -> Targets:
    """What each sublist's playlist shall hold, in the motherlist's order; none of those that are rooms."""
    found: dict[SublistKey, list[Uri]] = {each.key: [] for each in known.layer.sublists if each.room is None}
    for uri, place in known.places.items():
        for key in place.sublists:
            if key in found:
                found[key].append(uri)
    return {key: tuple(uris) for key, uris in found.items()}


def new_targets(known: Knowledge, ours: Mapping[SublistKey, Sequence[Uri]]) -> Targets:
    """What a sync may write: what the sorter put there stays, save what a label says lies elsewhere; of songs that
    lie in no playlist yet, those of which a label or the model is sure come too. ``ours``: what it put there last."""
    written = {known.head(uri) for uris in ours.values() for uri in uris}
    found: Targets = {}
    for key, wanted in targets_of(known).items():
        if key not in ours:
            continue
        held = {known.head(uri) for uri in ours[key]}
        kept = [uri for uri in ours[key] if not _is_said_elsewhere(known, uri, key)]
        fresh = [uri for uri in wanted if _is_sure(known, uri, written) and known.head(uri) not in held]
        found[key] = (*kept, *fresh)
    return found


def ours_of(known: Knowledge, writes: Sequence[Write]) -> dict[SublistKey, tuple[Uri, ...]]:
    """What the sorter put into each sublist's playlist, as it was left last. ``writes``: newest first."""
    found: dict[SublistKey, tuple[Uri, ...]] = {}
    keys: Collection[SublistKey] = known.layer.keys
    for write in writes:
        if write.sublist in keys and write.status is WriteStatus.DONE:
            found.setdefault(write.sublist, write.ours)
    return found


def refuse_untaught(known: Knowledge) -> None:
    """Raises ``Trouble(CONFLICT)`` where neither a model nor labels alone have placed the songs yet."""
    if not known.is_decided:
        raise Trouble(TroubleCode.CONFLICT, f"{known.layer.name}: {untaught_of(known)}")


def untaught_of(known: Knowledge) -> str:
    """Why nothing can be written yet, with the mend."""
    return untaught(known.layer, len(known.labels), known.version)


def told(writes: Sequence[Write], *, is_resumed: bool = False) -> str:
    """What became of the playlists, in one line."""
    if not writes:
        return f"nothing {'more ' if is_resumed else ''}is to be changed"
    added = sum(len(set(each.wanted) - set(each.former)) for each in writes)
    removed = sum(len(set(each.former) - set(each.wanted)) for each in writes)
    return f"{counted(len(writes), 'playlist')} written, {counted(added, 'song')} put there, {removed} taken out"


def _is_said_elsewhere(known: Knowledge, uri: Uri, key: SublistKey) -> bool:
    place = known.places.get(uri)
    return place is not None and place.standing is Standing.SAID and key not in place.sublists


def _is_sure(known: Knowledge, uri: Uri, written: Collection[Uri]) -> bool:
    standing = known.places[uri].standing
    return standing is Standing.SAID or (standing is Standing.SURE and known.head(uri) not in written)


def _change(difference: "Difference", known: Knowledge) -> SublistChange:
    plan = difference.plan
    tracks = {**known.known, **difference.tracks}
    return SublistChange(
        sublist=difference.sublist,
        name=difference.name,
        playlist=difference.playlist,
        is_new=not difference.playlist,
        added=tuple(PlacedTrack(known.known[uri], known.places[uri]) for uri in plan.adds),
        removed=tuple(tracks.get(uri, Track(uri, uri)) for uri in plan.removes),
        unchanged=len(plan.ours) - len(plan.adds),
        kept_by_hand=plan.by_hand,
    )
