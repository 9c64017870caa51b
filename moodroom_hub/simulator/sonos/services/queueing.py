"""The queue's actions: those of the transport, and the Queue service's own."""

from moodroom_hub.simulator.sonos.didl import didl, track_item
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.players import Deck
from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values
from moodroom_hub.simulator.sonos.services.avtransport import AV_TRANSPORT
from moodroom_hub.simulator.sonos.services.resolving import resolve

QUEUE = Service("Queue", "MediaRenderer/Queue")
MOST_AT_ONCE = 16
_ADDED = "FirstTrackNumberEnqueued NumTracksAdded NewQueueLength"


def _led(asked: Asked) -> Asked:
    if not asked.world.is_coordinator(asked.player.uid):
        raise UpnpError(Code.NOT_COORDINATOR)
    return asked


@AV_TRANSPORT.action(
    "AddURIToQueue", "EnqueuedURI EnqueuedURIMetaData DesiredFirstTrackNumberEnqueued EnqueueAsNext", _ADDED
)
def _add(asked: Asked) -> Values:
    _led(asked)
    tracks = resolve(asked.world, asked.text("EnqueuedURI"), asked.text("EnqueuedURIMetaData"))
    place = asked.number("DesiredFirstTrackNumberEnqueued")
    first = asked.world.insert(asked.player.uid, tracks, place, is_next=asked.is_on("EnqueueAsNext"))
    return {
        "FirstTrackNumberEnqueued": first,
        "NumTracksAdded": len(tracks),
        "NewQueueLength": len(asked.deck.queue),
    }


@AV_TRANSPORT.action(
    "AddMultipleURIsToQueue",
    "UpdateID NumberOfURIs EnqueuedURIs EnqueuedURIsMetaData ContainerURI ContainerMetaData "
    "DesiredFirstTrackNumberEnqueued EnqueueAsNext",
    f"{_ADDED} NewUpdateID",
)
def _add_multiple(asked: Asked) -> Values:
    _led(asked)
    uris = asked.text("EnqueuedURIs").split(" ")
    texts = [f"<DIDL-Lite{part}" for part in asked.text("EnqueuedURIsMetaData").split("<DIDL-Lite")[1:]]
    if len(uris) != asked.number("NumberOfURIs") or len(uris) > MOST_AT_ONCE or len(texts) != len(uris):
        raise UpnpError(Code.INVALID_ARGS)
    tracks = [track for uri, text in zip(uris, texts, strict=True) for track in resolve(asked.world, uri, text)]
    place = asked.number("DesiredFirstTrackNumberEnqueued")
    first = asked.world.insert(asked.player.uid, tracks, place, is_next=asked.is_on("EnqueueAsNext"))
    return {
        "FirstTrackNumberEnqueued": first,
        "NumTracksAdded": len(tracks),
        "NewQueueLength": len(asked.deck.queue),
        "NewUpdateID": asked.deck.update_id,
    }


@AV_TRANSPORT.action("RemoveTrackFromQueue", "ObjectID UpdateID")
def _remove(asked: Asked) -> Values:
    _led(asked)
    container, _, place = asked.text("ObjectID").partition("/")
    if container != "Q:0" or not place.isdecimal():
        raise UpnpError(Code.INVALID_ARGS)
    asked.world.remove(asked.player.uid, int(place))
    return {}


@AV_TRANSPORT.action("RemoveTrackRangeFromQueue", "UpdateID StartingIndex NumberOfTracks", "NewUpdateID")
def _remove_range(asked: Asked) -> Values:
    _led(asked)
    _is_current(asked.deck, asked.number("UpdateID"))
    place, count = asked.number("StartingIndex"), asked.number("NumberOfTracks")
    return {"NewUpdateID": asked.world.remove(asked.player.uid, place, count)}


@AV_TRANSPORT.action("RemoveAllTracksFromQueue")
def _clear(asked: Asked) -> Values:
    _led(asked)
    asked.world.clear(asked.player.uid)
    return {}


@AV_TRANSPORT.action("ReorderTracksInQueue", "StartingIndex NumberOfTracks InsertBefore UpdateID")
def _reorder(asked: Asked) -> Values:
    _led(asked)
    _is_current(asked.deck, asked.number("UpdateID"))
    asked.world.reorder(
        asked.player.uid, asked.number("StartingIndex"), asked.number("NumberOfTracks"), asked.number("InsertBefore")
    )
    return {}


@QUEUE.action("Browse", "QueueID StartingIndex RequestedCount", "Result NumberReturned TotalMatches UpdateID")
def _browse(asked: Asked) -> Values:
    if asked.text("QueueID") != "0":
        raise UpnpError(Code.VALUE_INVALID)
    return browsed(asked.deck, asked.number("StartingIndex"), asked.number("RequestedCount"))


def browsed(deck: Deck, start: int, count: int) -> Values:
    """A part of the queue as an answer; ``count`` 0 asks for all."""
    if start < 0 or count < 0:
        raise UpnpError(Code.INVALID_ARGS)
    part = deck.queue[start : start + (count or len(deck.queue))]
    items = [track_item(entry.track, f"Q:0/{place}", "Q:0") for place, entry in enumerate(part, start + 1)]
    return {
        "Result": didl(*items),
        "NumberReturned": len(part),
        "TotalMatches": len(deck.queue),
        "UpdateID": deck.update_id,
    }


def _is_current(deck: Deck, update_id: int) -> None:
    if update_id not in (0, deck.update_id):
        raise UpnpError(Code.VALUE_INVALID)
