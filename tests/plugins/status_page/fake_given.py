"""What plugins give a hub in memory: a sorter, and the stations of a radio."""

from collections.abc import Sequence

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import Activation, BatchTrack, BatchView, NowPlaying
from moodroom_hub.core.sorting import Sorter, SortingFace
from moodroom_hub.core.stations import Radio, StationsFace
from moodroom_hub.domain.models import (
    HOME,
    DurationMs,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    RoomSlug,
    Tier,
    Track,
    Uri,
    ZoneName,
)
from moodroom_hub.domain.stations.models import StationKey, slug_of
from tests.plugins.radio.fake_radio import FakeRadio, FakeStations


class GivenByPlugins:
    """The part of a hub in memory that has ``the_sorter`` and plays the stations of ``the_radio``."""

    the_sorter: Sorter | None = None
    the_radio: FakeRadio | None = None
    active: RoomSlug | None
    now: NowPlaying | None
    upcoming: tuple[LedgerEntry, ...]
    drawn: BatchView

    @property
    def now_ms(self) -> EpochMs:
        raise NotImplementedError

    def _told(self, name: str, *arguments: object) -> None:
        raise NotImplementedError

    @property
    def sorter(self) -> Sorter:
        if self.the_sorter is None:
            raise Trouble(TroubleCode.NOT_FOUND, "nothing is sorted here: write a layer under plugins.sorter.layers")
        return self.the_sorter

    @property
    def sorting(self) -> SortingFace:
        raise AssertionError("the page asks the sorter")

    @property
    def radio(self) -> Radio:
        if self.the_radio is None:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no radio: no plugin gives one; see: moodroom-hub plugins.")
        return self.the_radio

    @property
    def stations(self) -> StationsFace:
        return FakeStations(self.the_radio or FakeRadio())

    async def play_station(self, station: StationKey, zone: ZoneName | None = None) -> Activation:
        self._told("play_station", station, zone)
        slug = slug_of(station)
        batch = tuple(
            LedgerEntry(number, zone or HOME, slug, Tier.DISCOVERY, _track(number), 1, LedgerStatus.QUEUED, "near")
            for number in (1, 2)
        )
        self.active, self.upcoming = slug, batch[1:]
        self.drawn = BatchView(slug, tuple(BatchTrack(entry.id, entry) for entry in batch))
        self.now = NowPlaying(batch[0].track, DurationMs(12_000), self.now_ms, True, station=station)
        if self.the_radio is not None:
            self.the_radio.playing = {station: (zone or HOME,)}
        return Activation(slug, batch, ())

    async def similar(self, artist: str) -> Sequence[str]:
        return ()

    def end_station(self) -> None:
        """Nothing plays of the radio any more."""
        if self.the_radio is not None:
            self.the_radio.playing = {}


def _track(number: int) -> Track:
    """As the hub's own, by its uri; what a station finds has no picture."""
    uri = Uri(f"spotify:track:{number:022d}")
    return Track(uri, f"Song {number}", (f"Artist {number % 7}",), DurationMs(200_000 + number))
