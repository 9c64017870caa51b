"""Stations and their votes as rows."""

from sqlalchemy import Connection, delete, select

from moodroom_hub.core.store.changes import Change
from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.statements import insert_or_ignore, upsert
from moodroom_hub.core.store.tables import STATION, STATION_VOTE
from moodroom_hub.domain.stations.models import Station, Vote


def write_stations(connection: Connection, change: Change) -> None:
    """The change's part that is about stations; what goes goes first."""
    dialect = connection.dialect.name
    if change.gone_stations:
        keys = [clean(key) for key in change.gone_stations]
        connection.execute(delete(STATION).where(STATION.c.key.in_(keys)))
        connection.execute(delete(STATION_VOTE).where(STATION_VOTE.c.station.in_(keys)))
    if change.gone_votes:
        connection.execute(delete(STATION_VOTE).where(STATION_VOTE.c.id.in_(change.gone_votes)))
    if change.stations:
        rows = [
            {"key": clean(station.key), "position": position, "station": encode(Station, station)}
            for position, station in change.stations
        ]
        connection.execute(upsert(dialect, STATION), rows)
    if change.votes:
        votes = [{"id": vote.id, "station": clean(vote.station), "vote": encode(Vote, vote)} for vote in change.votes]
        connection.execute(insert_or_ignore(dialect, STATION_VOTE), votes)


def stations(connection: Connection, decoder: Decoder) -> list[tuple[int, Station]]:
    """Every station with its position, in order."""
    rows = connection.execute(select(STATION).order_by(STATION.c.position, STATION.c.key)).mappings()
    found = ((row["position"], decoder.decode(Station, row["station"], "station", row["key"])) for row in rows)
    return [(position, station) for position, station in found if station is not None]


def votes(connection: Connection, decoder: Decoder) -> list[Vote]:
    """Every vote, the oldest first."""
    rows = connection.execute(select(STATION_VOTE).order_by(STATION_VOTE.c.id)).mappings()
    found = (decoder.decode(Vote, row["vote"], "station_vote", row["id"]) for row in rows)
    return [vote for vote in found if vote is not None]
