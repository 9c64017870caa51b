"""What the hub put into which queue last: only a queue that still holds some of it is the hub's to change."""

import contextlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moodroom_hub.domain.models import Uri

log = logging.getLogger(__name__)

KEPT = 400
"""So many tracks are remembered of a queue: enough to know played ones for our own when they are cleared away."""
TELLING = 12
"""The last ones tell whose queue it is. An older one proves nothing: the listener's own list may hold it too."""


class Belongings:
    """Remembers per speaker what the hub put into its queue, and which of Sonos' Spotify services took it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._put: dict[str, list[Uri]] = {}
        self._region: int | None = None

    @property
    def region(self) -> int | None:
        """The number of the Spotify service that last took a track."""
        return self._region

    def load(self) -> None:
        """Read what earlier runs left. Blocking, quick; no error where there is nothing."""
        try:
            content = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        if not isinstance(content, dict):
            return
        queues = content.get("queues")
        region = content.get("region")
        self._region = region if isinstance(region, int) else None
        if isinstance(queues, dict):
            self._put = {
                str(uid): [Uri(uri) for uri in uris if isinstance(uri, str)][-KEPT:]
                for uid, uris in queues.items()
                if isinstance(uris, list)
            }

    def begin(self, uid: str, uri: Uri) -> None:
        """The speaker's queue begins anew with this track."""
        self._put[uid] = [uri]

    def add(self, uid: str, uri: Uri) -> None:
        """A track is about to be put at the end of the speaker's queue."""
        self._put[uid] = [*self._put.get(uid, ()), uri][-KEPT:]

    def took(self, region: int) -> bool:
        """This service took a track. Gives whether that is news."""
        is_news = region != self._region
        self._region = region
        return is_news

    def owns(self, uid: str, ahead: Iterable[Uri]) -> bool:
        """Whether what plays and what follows shows that the queue is the hub's.

        Queues move along when speakers are regrouped; one that was another speaker's is known all the same.
        """
        tracks = set(ahead)
        for owner in (uid, *self._put):
            if tracks.intersection(self._put.get(owner, ())[-TELLING:]):
                if owner != uid:
                    self._put[uid] = list(self._put[owner])
                return True
        return False

    def knows(self, uid: str, uri: Uri) -> bool:
        """Whether the hub put this track into the speaker's queue."""
        return uri in self._put.get(uid, ())

    def save(self) -> None:
        """Write it down. Blocking; in vain is no harm but after a restart, and is logged."""
        content: dict[str, Any] = {"region": self._region, "queues": self._put}
        draft = self._file.with_name(f".{self._file.name}.tmp")
        try:
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            log.warning("cannot remember across a restart what was queued on Sonos: %s", error.strerror)
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
