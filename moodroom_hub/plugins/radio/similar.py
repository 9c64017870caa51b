"""Where the model knows nobody: artists whom others call similar to a station's seeds, and the seeds themselves."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.stations.choosing import Ranked
from moodroom_hub.domain.stations.models import Station
from moodroom_hub.plugins.radio.names import artist_key
from moodroom_hub.plugins.radio.ranking import Leaning, Order, sinking

KIND: Final = "radio_similar"
KEEP_MS: Final = DurationMs(30 * 86_400_000)
KEEP_NOTHING_MS: Final = DurationMs(86_400_000)
MOST_KEPT: Final = 2_000
MOST_ASKED: Final = 20
"""Of a station's seeds, and of the artists liked on it."""
MOST_NAMES: Final = 50
SEED_SHARE: Final = 0.5
"""What a seed counts for itself, against the artist who is most like it."""


class Similar:
    """Asks ``hub.similar`` once for each artist, and remembers. ``version`` grows with what is known."""

    def __init__(self, hub: Callable[[], HubFace]) -> None:
        self._hub = hub
        self._known: dict[str, tuple[str, ...]] = {}
        self.version = 0

    def missing(self, station: Station, said: Leaning) -> Sequence[str]:
        """Whom to ask about for this station."""
        return [name for name in _asked(station, said) if artist_key(name) not in self._known]

    async def learn(self, artist: str) -> None:
        """Ask about one artist; may take seconds."""
        key = artist_key(artist)
        if not key or key in self._known:
            return
        hub = self._hub()
        text: str | None = None
        try:
            text = (await hub.findings.get(KIND, [key])).get(key)
            if text is None:
                names = [name for name in await hub.similar(artist) if artist_key(name)][:MOST_NAMES]
                text = json.dumps(names) if names else ""
                await hub.findings.put(KIND, key, text, KEEP_MS if text else KEEP_NOTHING_MS, MOST_KEPT)
        except Trouble:
            pass  # without its memory it is asked again after a restart
        self._known[key] = _read(text or "")
        self.version += 1

    def order(self, station: Station, said: Leaning, favourites: Collection[str]) -> Order:
        """Everybody who is known to fit, in order; at least the seeds."""
        tuning = station.tuning
        weights: dict[str, float] = {}
        names: dict[str, str] = {}
        links: dict[str, str] = {}
        liked = dict.fromkeys(said.likes[::-1])
        sources = [(seed.artist, tuning.style or 0.05) for seed in station.seeds] + [
            (name, tuning.likes) for name in list(liked)[:MOST_ASKED]
        ]
        for source, weight in sources:
            key = artist_key(source)
            if not key:
                continue
            names.setdefault(key, source)
            links[key] = "seeds"
            weights[key] = weights.get(key, 0.0) + weight * SEED_SHARE
            for place, name in enumerate(self._known.get(key, ())):
                other = artist_key(name)
                names.setdefault(other, name)
                links.setdefault(other, "similar")
                weights[other] = weights.get(other, 0.0) + weight / (1 + place)
        sunk = sinking(said, tuning.dislikes)
        order = sorted(weights, key=lambda key: -weights[key])
        return Order(
            artists=tuple(
                Ranked(key, names[key], None, links[key], is_known=key in favourites, disliked=sunk.get(key, 0.0))
                for key in order
            ),
            unknown=tuple(dict.fromkeys(seed.artist for seed in station.seeds)),
        )

    def sources_of(self, station: Station, said: Leaning, artist: str) -> Sequence[str]:
        """Who of the station's seeds and likes led to this artist."""
        wanted = artist_key(artist)
        return [
            name for name in _asked(station, said) if wanted in map(artist_key, self._known.get(artist_key(name), ()))
        ]


def _asked(station: Station, said: Leaning) -> list[str]:
    seeds: Mapping[str, None] = dict.fromkeys(seed.artist for seed in station.seeds)
    likes: Mapping[str, None] = dict.fromkeys(reversed(said.likes))
    return list(dict.fromkeys([*list(seeds)[:MOST_ASKED], *list(likes)[:MOST_ASKED]]))


def _read(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return ()
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()
