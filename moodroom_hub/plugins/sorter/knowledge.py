"""What is known of one layer now: its songs, labels, chances, and where each song belongs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from moodroom_hub.core.sorting import Version, VersionStatus
from moodroom_hub.domain.models import EpochMs, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.sorting.gathering import gathered
from moodroom_hub.domain.sorting.models import Chances, Label, Layer, Place, Standing, SublistKey
from moodroom_hub.domain.sorting.placing import place
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.notes import Notes
from moodroom_hub.plugins.sorter.songs import LayerSongs


@dataclass(frozen=True, slots=True)
class Found:
    """What teaches besides hands: what lay in the sublists' playlists, and the rooms as in ``Material``."""

    lists: Mapping[SublistKey, Sequence[Uri]]
    tiers: Mapping[RoomSlug, Mapping[Uri, Tier]]
    taught: Collection[tuple[RoomSlug, Uri]]

    def only(self, uris: Collection[Uri]) -> "Found":
        """What it says of these."""
        return Found(
            {key: [uri for uri in found if uri in uris] for key, found in self.lists.items()},
            {room: {uri: tiers[uri] for uri in uris if uri in tiers} for room, tiers in self.tiers.items()},
            self.taught,
        )


@dataclass(slots=True)
class Knowledge:
    """One layer as it is known now. ``said``: what hands said, by song; ``labels``: all that teaches, by the uri that
    stands for the recording.

    ``versions``: newest first; ``notes``: what the one in use found (``None``: not known, or not any more).
    ``places``: of every song of the motherlist; kept true by ``say`` and ``unsay``. ``is_kept``: its playlists were
    written, and that was not taken back.
    """

    layer: Layer
    songs: LayerSongs
    known: Mapping[Uri, Track]
    said: dict[Uri, Label]
    found: Found
    versions: tuple[Version, ...]
    notes: Notes | None
    last_write_ms: EpochMs | None = None
    is_write_open: bool = False
    is_kept: bool = False
    labels: dict[Uri, Label] = field(default_factory=dict)
    places: dict[Uri, Place] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def version(self) -> Version | None:
        """The training in use."""
        return next((each for each in self.versions if each.status is VersionStatus.ADOPTED), None)

    @property
    def is_taught(self) -> bool:
        """Whether a model of the layer as it is configured now is in use."""
        return self.version is not None and self.notes is not None

    @property
    def is_decided(self) -> bool:
        """Whether every song has a place that may be written: by a model, or by labels alone."""
        return self.is_taught or self.is_said

    @property
    def is_said(self) -> bool:
        """Whether labels decide every song, so that there is nothing to learn."""
        return bool(self.places) and all(each.standing is Standing.SAID for each in self.places.values())

    @property
    def chances(self) -> Mapping[Uri, Chances]:
        """What the model in use says."""
        return {} if self.notes is None else self.notes.chances

    @property
    def thresholds(self) -> dict[SublistKey, float]:
        """From which chance on a song is surely a sublist's."""
        return {} if self.notes is None else dict(zip(self.notes.keys, self.notes.thresholds, strict=True))

    @property
    def to_review(self) -> int:
        """How many songs a model is in doubt about."""
        return self.is_taught * sum(each.standing is Standing.DOUBTFUL for each in self.places.values())

    def head(self, uri: Uri) -> Uri:
        """The uri that stands for the song's recording."""
        row = self.songs.row_of.get(uri)
        return uri if row is None else self.songs.rows[row].uri

    def twins(self, uri: Uri) -> list[Uri]:
        """Every uri of this song's recording in the motherlist, its own in any case."""
        row = self.songs.row_of.get(uri, -1)
        return list(dict.fromkeys([uri, *(each for each, of in self.songs.row_of.items() if of == row)]))

    def say(self, label: Label) -> None:
        """A hand said this: it counts at once."""
        self.said.pop(label.uri, None)
        self.said[label.uri] = label
        self._tell_again(label.uri)

    def unsay(self, uri: Uri, before: Label | None) -> None:
        """A hand's word was taken back; ``before``: what was said before it, and holds again."""
        self.said.pop(uri, None)
        if before is not None:
            self.said[uri] = before
        self._tell_again(uri)

    async def decide(self) -> None:
        """Put the labels together, and every song into its place."""
        uris = [track.uri for track in self.songs.tracks]
        while True:  # until nothing was said meanwhile
            said = dict(self.said)
            labels, remarks = await aside(partial(self._gathered, said, self.found))
            places = await aside(partial(self._placed, uris, labels))
            if said == self.said:
                self.labels, self.remarks, self.places = labels, remarks, places
                return

    def _gathered(self, said: Mapping[Uri, Label], found: Found) -> tuple[dict[Uri, Label], tuple[str, ...]]:
        all_found = gathered(self.layer, list(said.values()), found.lists, found.tiers, found.taught, self.songs.same)
        return {self.head(label.uri): label for label in all_found.labels}, all_found.notes

    def _placed(self, uris: Sequence[Uri], labels: Mapping[Uri, Label]) -> dict[Uri, Place]:
        found = place(self.layer, uris, self.chances, labels, self.thresholds, self.songs.same)
        return {each.uri: each for each in found}

    def _tell_again(self, uri: Uri) -> None:
        twins = self.twins(uri)
        said = {each: self.said[each] for each in twins if each in self.said}
        labels, _ = self._gathered(said, self.found.only(twins))
        self.labels.pop(self.head(uri), None)
        self.labels.update(labels)
        self.places.update(self._placed([each for each in twins if each in self.places], self.labels))
