"""Stations that go out and come in: cards, and the answers for players that the hub does not see."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import Following, PlayedOut
from moodroom_hub.domain.stations.models import Station, StationKey
from moodroom_hub.plugins.radio import making
from moodroom_hub.plugins.radio.aside import aside
from moodroom_hub.plugins.radio.config import RadioConfig
from moodroom_hub.plugins.radio.draws import Draws
from moodroom_hub.plugins.radio.names import artist_key

FORMS = ("card", "jspf")


class Sharing:
    """What the radio does with others."""

    def __init__(self, context: PluginContext[RadioConfig], draws: Draws) -> None:
        self._context = context
        self._draws = draws

    async def card(self, station: Station, form: str) -> str:
        """The station as a file's text. Raises ``Trouble``."""
        from moodroom_hub.plugins.radio.cards import CardError, CardSigner, write_card, write_jspf  # late: few share

        if form not in FORMS:
            raise making.bad(f"A station is written as {' or as '.join(FORMS)}.")
        signer = await aside(lambda: CardSigner.of_hub(self._context.data_dir, self._context.config.sign_as))
        held = self._draws.tracks.held(artist_key(seed.artist) for seed in station.seeds)
        tracks = [track for each in held.values() for track in each]
        try:
            return write_card(station, signer) if form == "card" else write_jspf(station, signer, tracks)
        except CardError as error:
            raise Trouble(TroubleCode.CONFLICT, str(error)) from None

    async def read(self, text: str, name: str, taken: Collection[StationKey]) -> tuple[Station, str, tuple[str, ...]]:
        """A new station of a card, who signed it, and what is to be told. Raises ``Trouble``."""
        from moodroom_hub.plugins.radio.cards import CardError, read_card, station_of_card
        from moodroom_hub.plugins.radio.signing import known_key

        folder = self._context.data_dir
        try:
            card = await aside(lambda: read_card(text, known_key(folder)))
        except CardError as error:
            raise making.bad(str(error)) from None
        base = making.made(
            name or card.name,
            card.seeds,
            origin="card",
            tuning=making.default_tuning(self._context.config),
            taken=taken,
            now_ms=self._context.clock.now_ms(),
            rng=self._context.rng,
        )
        station = station_of_card(card, base.key, base.created_at_ms, base.chance, base.name)
        if card.tuning is None:
            station = replace(station, tuning=base.tuning)
        return station, card.signer, card.notes

    async def next(self, station: Station, played: Sequence[PlayedOut], count: int) -> Following:
        """What comes next for a session that somebody else tells of."""
        from moodroom_hub.plugins.radio.serving import Serving, Threshold  # late: few serve

        listening = self._context.settings.listening
        serving = Serving(
            self._draws.rank,
            self._draws.tracks,
            Threshold(listening.skip_threshold / 1000, listening.completion_margin / 1000),
            find=self._draws.find,
            why=lambda station, artist: self._draws.why(station, artist, votes=()),
        )
        served = await serving.next(station, played, count, await self._draws.never(station, votes=()))
        return Following(served.tracks, served.unknown)
