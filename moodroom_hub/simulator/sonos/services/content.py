"""ContentDirectory: browsing the queue."""

from moodroom_hub.simulator.sonos.didl import didl, queue_container
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values
from moodroom_hub.simulator.sonos.services.queueing import browsed

CONTENT_DIRECTORY = Service("ContentDirectory", "MediaServer/ContentDirectory")
_EMPTY = ("SQ:", "FV:2", "FV:3", "R:0/0", "R:0/1", "R:0/2", "A:TRACKS", "A:ALBUM", "A:PLAYLISTS", "S:")


@CONTENT_DIRECTORY.action(
    "Browse",
    "ObjectID BrowseFlag Filter StartingIndex RequestedCount SortCriteria",
    "Result NumberReturned TotalMatches UpdateID",
)
def _browse(asked: Asked) -> Values:
    object_id, flag = asked.text("ObjectID"), asked.text("BrowseFlag")
    if flag not in ("BrowseDirectChildren", "BrowseMetadata"):
        raise UpnpError(Code.INVALID_ARGS)
    if object_id == "Q:0":
        if flag == "BrowseDirectChildren":
            return browsed(asked.deck, asked.number("StartingIndex"), asked.number("RequestedCount"))
        content = queue_container(len(asked.deck.queue))
        return {"Result": content, "NumberReturned": 1, "TotalMatches": 1, "UpdateID": asked.deck.update_id}
    if object_id in _EMPTY:
        return {"Result": didl(), "NumberReturned": 0, "TotalMatches": 0, "UpdateID": 0}
    raise UpnpError(Code.NO_SUCH_OBJECT)


@CONTENT_DIRECTORY.action("GetSystemUpdateID", outs="Id")
def _update_id(asked: Asked) -> Values:
    return {"Id": asked.deck.update_id}
