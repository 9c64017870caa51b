"""The radio: what faces ask of it, put together from its parts."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Partial, Skipped
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import StationRequest
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.stations import (
    CardImport,
    Following,
    ModelView,
    NewStation,
    NextTrack,
    PlayedOut,
    StationJob,
    StationJobStatus,
    StationView,
    StationWhy,
)
from moodroom_hub.domain.models import Drawn, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.domain.stations.models import MOST_SEEDS, Seed, Station, StationKey, VoteKind
from moodroom_hub.plugins.radio import making
from moodroom_hub.plugins.radio.brain import Brain
from moodroom_hub.plugins.radio.config import RadioConfig, model_path
from moodroom_hub.plugins.radio.discoveries import Discoveries, station_of_room
from moodroom_hub.plugins.radio.draws import OUTSIDE, Draws
from moodroom_hub.plugins.radio.jobs import Jobs, Teller
from moodroom_hub.plugins.radio.known import Known
from moodroom_hub.plugins.radio.learning import Learning
from moodroom_hub.plugins.radio.looking import station_name
from moodroom_hub.plugins.radio.playlists import ORIGIN, StationPlaylists
from moodroom_hub.plugins.radio.ranking import seeds_of
from moodroom_hub.plugins.radio.sharing import Sharing
from moodroom_hub.plugins.radio.tracks import Allowance
from moodroom_hub.plugins.radio.votes import Votes

log = logging.getLogger(__name__)

VECTORS_AT_ONCE = 200
WHY_PATIENCE_MS = 4_000
"""Somebody looks at the screen meanwhile."""


class StationRadio:
    """Implements ``core.stations.Radio``. Works in an offline hub as well; ``close`` ends whatever runs."""

    def __init__(self, context: PluginContext[RadioConfig]) -> None:
        config, clock = context.config, context.clock
        self._context = context
        self._is_started = False
        self._brain = Brain(model_path(config, context.data_dir), told=self._say_how_it_is)
        self._known = Known(lambda: context.hub, clock)
        allowance = Allowance(clock, config.searches_an_hour)
        self._draws = Draws(lambda: context.hub, clock, self._brain, self._known, allowance)
        self._votes = Votes(lambda: context.hub, self._draws.order)
        self._playlists = StationPlaylists(lambda: context.hub, clock, config.prefix, self._of_playlist)
        self._discoveries = Discoveries(lambda: context.hub, clock, config, self._brain, self._known, self._draws)
        self._learning = Learning(lambda: context.hub, self._brain, config.folders)
        self._sharing = Sharing(context, self._draws)
        self._jobs = Jobs(self._tell)

    @property
    def draws(self) -> Draws:
        """What is played next."""
        return self._draws

    # For the plugin.

    def start(self) -> None:
        """The plugin has started: keep what comes next at hand."""
        if not self._is_started:
            self._is_started = True
            self._context.spawn("keeping the next tracks at hand", self._draws.keep_filled)
            self._say_how_it_is()

    async def close(self) -> None:
        """End whatever runs, and begin nothing any more. Idempotent."""
        await self._jobs.close()
        await self._draws.close()
        self._brain.close()

    def check(self) -> Sequence[Check]:
        """One line on the model, and one a station that has nothing to play from."""
        view, stations = self._brain.view(), self._context.hub.stations.all()
        if view.trouble and not view.artists:
            told = f"{_counted(len(stations), 'station')} without a model: {view.trouble}"
            return [Check("radio", CheckLevel.WARNING if stations else CheckLevel.SKIPPED, told)]
        told = f"{_counted(len(stations), 'station')}, {view.artists} artists known"
        level = CheckLevel.WARNING if view.trouble else CheckLevel.OK
        return [Check("radio", level, told, view.trouble)]

    async def draw(self, request: StationRequest) -> Drawn | None:
        """What comes next."""
        return await self._draws.draw(request)

    async def hear(self, event: Skipped | Completed | Partial) -> None:
        """A listen on a station has ended."""
        await self._votes.hear(event)

    async def read_playlists(self) -> None:
        """Stations of playlists; what cannot be read now is read another time."""
        try:
            for station in await self._playlists.sync():
                log.info("the station %s follows its playlist: %d artists", station.key, len(station.seeds))
        except Trouble as trouble:
            log.info("stations in playlists are not read now: %s", trouble.message)
        self._say_how_it_is()
        self._draws.look_ahead()

    # For faces.

    def model(self) -> ModelView:
        """What stations are played from."""
        return self._brain.view()

    async def overview(self) -> Sequence[StationView]:
        """Every station at a glance."""
        await self._brain.ready()
        zones = await self._zones()
        views: list[StationView] = []
        for station in self._context.hub.stations.all():
            views.append(self._view(station, zones))
            await asyncio.sleep(0)  # each may have to be reckoned anew
        return views

    async def new(self, order: NewStation) -> StationView:
        """Make a station."""
        if sum((bool(order.seeds), bool(order.playlist), order.room is not None)) != 1:
            raise making.bad("A station is made of artists, or of a playlist, or of a room: exactly one of these.")
        tuning = making.default_tuning(self._context.config)
        if order.tuning is not None:
            tuning = making.checked(tuning, asdict(order.tuning))
        if order.room is not None:
            station = await self._of_room(order.room, order.name)
        elif order.playlist:
            station = await self._of_named_playlist(order.playlist, order.name)
        else:
            first = order.seeds[0].artist
            station = self._made(order.name or f"{first} Radio", order.seeds, "typed")
        await self._context.hub.stations.put(replace(station, tuning=tuning))
        return await self._changed(station.key)

    async def rename(self, key: StationKey, name: str) -> StationView:
        """Another name."""
        station = self._station(key)
        await self._context.hub.stations.put(replace(station, name=making.proper_name(name)))
        return await self._changed(key)

    async def remove(self, key: StationKey) -> None:
        """Forget a station."""
        station = self._station(key)
        for zone in (await self._zones()).get(key, ()):
            await self._context.hub.rooms_off(zone)  # what plays goes on, and nothing follows it
        await self._context.hub.stations.remove(key)
        self._draws.forget(key)
        await self._playlists.forget(station)
        self._say_how_it_is()

    async def tune(self, key: StationKey, changes: Mapping[str, float | str]) -> StationView:
        """Change fields of its tuning."""
        await self._context.hub.stations.put(making.tuned(self._station(key), changes))
        return await self._changed(key)

    async def vote(self, key: StationKey, kind: VoteKind, uri: Uri | None = None) -> StationView:
        """Like or dislike a track by hand."""
        station = self._station(key)
        track = await self._playing(station) if uri is None else await self._known_track(station, uri)
        await self._votes.say(station, kind, track, self._context.clock.now_ms())
        return await self._changed(key)

    async def take_back(self, key: StationKey) -> StationView:
        """Forget the newest vote."""
        self._station(key)
        if await self._context.hub.stations.take_back(key) is None:
            raise Trouble(TroubleCode.CONFLICT, "Nobody has voted here yet.")
        return await self._changed(key)

    async def clear(self, key: StationKey) -> StationView:
        """Forget every vote."""
        self._station(key)
        await self._context.hub.stations.clear(key)
        return await self._changed(key)

    async def why(self, key: StationKey, count: int = 10) -> StationWhy:
        """What it would play now."""
        station = self._station(key)
        chosen = await self._draws.choices(station, min(max(count, 1), 50), WHY_PATIENCE_MS, least=1)
        upcoming = tuple(
            NextTrack(each.track, self._draws.why(station, each.artist), each.artist.link, each.artist.score)
            for each in chosen
            if each.track is not None
        )
        view = self._view(station, await self._zones())
        votes = tuple(reversed(self._context.hub.stations.votes(key)))
        return StationWhy(view, upcoming, votes, self._notes(view, len(chosen), len(upcoming), count))

    async def card(self, key: StationKey, form: str = "card") -> str:
        """The station as a file's text."""
        return await self._sharing.card(self._station(key), form)

    async def import_card(self, text: str, name: str = "") -> CardImport:
        """Make a station of a card."""
        await self._brain.ready()
        here = self._context.hub.stations.all()
        station, signer, notes = await self._sharing.read(text, name, [each.key for each in here])
        twin = next((each for each in here if each.seeds == station.seeds), None)
        if twin is not None:
            notes = (*notes, f"{twin.name} ({twin.key}) starts from the very same")
        await self._context.hub.stations.put(station)
        view = await self._changed(station.key)
        artists = view.known + len(view.unknown)
        return CardImport(view, view.known / artists if artists else 0.0, signer, notes)

    async def next(self, key: StationKey, played: Sequence[PlayedOut], count: int = 5) -> Following:
        """What comes next, for players that the hub does not see."""
        if not self._context.config.serve:
            raise Trouble(TroubleCode.REFUSED, "This hub answers no other players: plugins.radio.serve is off.")
        station = self._station(key)
        await self._brain.ready()
        return await self._sharing.next(station, played, count)

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """What the model knows of these artists."""
        model = await self._brain.ready()
        found: dict[str, tuple[float, ...]] = {}
        if model is None:
            return found
        for number, artist in enumerate(artists):
            if number % VECTORS_AT_ONCE == 0:
                await asyncio.sleep(0)
            place = model.place(artist)
            if place is not None:
                found[artist] = model.list_vector(place)
        return found

    def start_refill(self, room: RoomSlug | None = None) -> StationJob:
        """Fill discoveries."""
        rooms = self._context.hub.rooms
        if room is not None and room not in rooms:
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such room; known: {', '.join(rooms)}.")
        wanted = list(rooms.values()) if room is None else [rooms[room]]
        return self._jobs.start("refill", lambda tell: self._discoveries.refill(wanted, tell))

    def start_training(self, folders: Sequence[str] = (), seed: int | None = None, *, anew: bool = False) -> StationJob:
        """Learn."""
        self._learning.check(folders)
        return self._jobs.start("train", lambda tell: self._train(folders, tell, seed, is_anew=anew))

    async def nightly(self) -> None:
        """Read playlists, learn what is new, refill rooms."""
        hub, config = self._context.hub, self._context.config
        try:
            await self.read_playlists()
            if not hub.stations.all() and not self._brain.is_there:
                return
            material = await hub.sorting.material()
            self._known.take(material)
            if config.learn_at_night and not self._jobs.is_busy and await self._learning.is_due(material):
                self._jobs.start("train", partial(self._learning.update, material))
                await self._jobs.ended()
                self._draws.look_ahead()
            if config.discoveries and self._brain.is_there and not self._jobs.is_busy:
                self.start_refill()
                await self._jobs.ended()
        except MoodroomError as error:
            log.warning("the radio's night was short: %s", error)
        except Exception:  # isolation: the hub's other chores come after it
            log.exception("the radio's night was short")

    def job(self) -> StationJob:
        """Where the work stands."""
        return self._jobs.view()

    async def cancel(self) -> StationJob:
        """Stop what runs."""
        return await self._jobs.cancel()

    async def _train(self, folders: Sequence[str], tell: Teller, seed: int | None, *, is_anew: bool) -> None:
        await self._learning.train(folders, tell, seed, is_anew=is_anew)
        self._draws.look_ahead()

    async def _changed(self, key: StationKey) -> StationView:
        await self._brain.ready()
        station = self._station(key)
        self._draws.look_ahead()
        self._say_how_it_is()
        return self._view(station, await self._zones())

    def _station(self, key: StationKey) -> Station:
        stations = self._context.hub.stations
        station = stations.get(key)
        if station is None:
            known = ", ".join(each.key for each in stations.all()) or "none; make one: moodroom-hub station new"
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such station; known: {known}.")
        return station

    def _made(self, name: str, seeds: Sequence[Seed], origin: str) -> Station:
        return making.made(
            name,
            seeds,
            origin=origin,
            tuning=making.default_tuning(self._context.config),
            taken=[each.key for each in self._context.hub.stations.all()],
            now_ms=self._context.clock.now_ms(),
            rng=self._context.rng,
        )

    def _of_playlist(self, name: str, tracks: Sequence[Track], origin: str) -> Station:
        return self._made(name, seeds_of(tracks, MOST_SEEDS), origin)

    async def _of_named_playlist(self, wanted: str, name: str) -> Station:
        found, title, tracks = await self._playlists.tracks_of(wanted)
        for each in self._context.hub.stations.all():
            if each.origin == ORIGIN + found:
                told = f"{each.name} ({each.key}) is the station of this playlist already, and follows it."
                raise Trouble(TroubleCode.CONFLICT, told)
        seeds = seeds_of(tracks, MOST_SEEDS)
        if not seeds:
            raise making.bad("This playlist holds no artist that a station could start from.")
        return self._made(name or station_name(title, self._context.config.prefix) or title, seeds, ORIGIN + found)

    async def _of_room(self, slug: RoomSlug, name: str) -> Station:
        hub = self._context.hub
        if slug not in hub.rooms:
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such room; known: {', '.join(hub.rooms)}.")
        room = hub.rooms[slug]
        found = station_of_room(room, await hub.pool(slug))
        if not found.seeds:
            raise making.bad(f"{room.name} holds no track yet that a station could start from: moodroom-hub mine.")
        return replace(self._made(name or f"More like {room.name}", found.seeds, f"{OUTSIDE}{slug}"), room=slug)

    async def _playing(self, station: Station) -> Track:
        for view in await self._context.hub.zone_views() if self._context.hub.zones else ():
            if view.now_playing is not None and view.now_playing.station == station.key:
                return view.now_playing.track
        raise Trouble(TroubleCode.CONFLICT, f"{station.name} does not play now: name the track.")

    async def _known_track(self, station: Station, uri: Uri) -> Track:
        """A track of the station's artists, of its votes, or one that was heard lately."""
        held = self._draws.tracks.held(artist.key for artist in self._draws.order(station).artists)
        near = [track for tracks in held.values() for track in tracks]
        near += [vote.track for vote in self._context.hub.stations.votes(station.key)]
        zones = await self._context.hub.zone_views() if self._context.hub.zones else ()
        near += [view.now_playing.track for view in zones if view.now_playing is not None]
        if (found := next((track for track in near if track.uri == uri), None)) is None:
            heard = await self._context.hub.history(200)
            found = next((each.listen.track for each in heard if each.listen.track.uri == uri), None)
        if found is None:
            raise Trouble(TroubleCode.NOT_FOUND, "This station knows no such track.")
        return found

    async def _zones(self) -> Mapping[StationKey, Collection[ZoneName]]:
        """Where which station plays."""
        hub = self._context.hub
        found: dict[StationKey, list[ZoneName]] = {}
        for view in await hub.zone_views() if hub.zones else ():
            if view.active_station is not None and view.leader is None:
                found.setdefault(view.active_station, []).append(view.zone)
        return found

    def _view(self, station: Station, zones: Mapping[StationKey, Collection[ZoneName]]) -> StationView:
        votes = self._context.hub.stations.votes(station.key)
        order = self._draws.order(station)
        trouble = self._brain.trouble
        if station.key in self._playlists.gone:
            trouble = "its playlist is gone; the station stays as it was"
        elif not trouble and order.known == 0:
            trouble = "the model knows none of its artists"
        return StationView(
            station=station,
            likes=sum(vote.kind is VoteKind.LIKE for vote in votes),
            dislikes=sum(vote.kind is VoteKind.DISLIKE for vote in votes),
            known=order.known,
            unknown=order.unknown,
            drift=order.drift,
            is_bounded=order.is_bounded,
            zones=tuple(zones.get(station.key, ())),
            trouble=trouble,
        )

    def _notes(self, view: StationView, chosen: int, found: int, wanted: int) -> tuple[str, ...]:
        notes = [f"the model does not know {', '.join(view.unknown[:5])}"] if view.unknown else []
        if chosen > found:
            notes.append(f"tracks of {_counted(chosen - found, 'artist')} are still being looked for")
            if found < wanted and self._draws.trouble:
                notes.append(self._draws.trouble)
        elif chosen < wanted:
            notes.append(f"{self._draws.shortage()}; a room stands in where it ends")
        if view.is_bounded:
            notes.append(f"likes are held back: they would lead further than {view.station.tuning.drift:.0%}")
        return tuple(dict.fromkeys(notes))

    def _say_how_it_is(self) -> None:
        if not self._is_started:
            return
        stations = self._context.hub.stations.all()
        model = self._brain.model  # not asked for: to open it takes a while
        self._context.set_figures(
            {"radio_stations": len(stations), "radio_artists": 0 if model is None else len(model)}
        )
        told = _counted(len(stations), "station") if stations else "no station yet"
        trouble = self._brain.trouble if stations else ""
        self._context.set_status(PluginStatus.RUNNING, f"{told}; {trouble}" if trouble else told)

    def _tell(self, job: StationJob) -> None:
        if self._is_started and job.status is StationJobStatus.FAILED:
            self._context.set_status(PluginStatus.WAITING, f"{job.what}: {job.error}")
        else:
            self._say_how_it_is()


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
