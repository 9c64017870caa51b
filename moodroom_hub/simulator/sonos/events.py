"""GENA: who subscribed to what, and the notices that are to go out."""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moodroom_hub.simulator.sonos.notices import notice
from moodroom_hub.simulator.sonos.players import Reach, SimPlayer
from moodroom_hub.simulator.sonos.soap import Answer
from moodroom_hub.simulator.sonos.world import SonosWorld

LONGEST_S = 86_400
_GONE = Answer(status=412)
_CALLBACK = re.compile(r"<(http://[^>]+)>")


@dataclass(slots=True)
class Subscriber:
    """One subscription of one service of one player; ``expires_ms`` in world time."""

    sid: str
    uid: str
    service: str
    callback: str
    expires_ms: int
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One NOTIFY on its way. It is shaped like the request that an event listener is handed."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    is_first: bool

    async def text(self) -> str:
        """The body."""
        return self.body.decode()


class Subscriptions:
    """All subscriptions of a household. ``on_notice`` is called, in whatever thread, when notices are waiting."""

    def __init__(self, world: SonosWorld, on_notice: Callable[[], None] = lambda: None) -> None:
        self._world = world
        self._subscribers: dict[str, Subscriber] = {}
        self._count = 0
        self._waiting: deque[Notice] = deque()
        self.on_notice = on_notice
        world.watch(self._changed)

    @property
    def active(self) -> list[Subscriber]:
        """Those that have not run out."""
        at_ms = self._world.at_ms
        return [subscriber for subscriber in self._subscribers.values() if subscriber.expires_ms > at_ms]

    def take(self) -> Notice | None:
        """The next notice that is to go out."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def ask(self, player: SimPlayer, service: str, method: str, headers: Mapping[str, str]) -> Answer:
        """SUBSCRIBE (new or to renew) and UNSUBSCRIBE; headers by their names in lower case."""
        self._forget_old()
        sid = headers.get("sid")
        known = self._subscribers.get(sid or "")
        if sid is not None and (known is None or known.uid != player.uid or known.service != service):
            return _GONE
        if method == "UNSUBSCRIBE":
            return _GONE if known is None else self._end(known)
        lasts_s = _seconds(headers.get("timeout", ""))
        expires_ms = self._world.at_ms + lasts_s * 1000
        if known is None:
            callback = _CALLBACK.search(headers.get("callback", ""))
            if callback is None or headers.get("nt") != "upnp:event":
                return _GONE
            self._count += 1
            sid = f"uuid:{player.uid}_sub{self._count:010d}"
            known = Subscriber(sid, player.uid, service, callback[1], expires_ms)
            self._subscribers[sid] = known
            self._put(known)
            self.on_notice()
        known.expires_ms = expires_ms
        return Answer(headers={"SID": known.sid, "TIMEOUT": f"Second-{lasts_s}", "Content-Length": "0"})

    def _end(self, subscriber: Subscriber) -> Answer:
        del self._subscribers[subscriber.sid]
        return Answer(headers={})

    def _changed(self, changed: set[tuple[str, str]]) -> None:
        self._forget_old()
        for uid, service in changed:
            if service == "boot":
                for sid in [sid for sid, one in self._subscribers.items() if one.uid == uid]:
                    del self._subscribers[sid]
        told = [one for one in self._subscribers.values() if (one.uid, one.service) in changed]
        for subscriber in told:
            self._put(subscriber)
        if told:
            self.on_notice()

    def _put(self, subscriber: Subscriber) -> None:
        player = self._world.players[subscriber.uid]
        if player.reach is not Reach.ANSWERS:
            return
        body = notice(self._world, player, subscriber.service, self._world.at_ms)
        headers = {
            "NT": "upnp:event",
            "NTS": "upnp:propchange",
            "sid": subscriber.sid,
            "seq": str(subscriber.sequence),
            "Content-Type": "text/xml",
        }
        self._waiting.append(Notice(subscriber.callback, headers, body, subscriber.sequence == 0))
        subscriber.sequence += 1

    def _forget_old(self) -> None:
        at_ms = self._world.at_ms
        for sid in [sid for sid, one in self._subscribers.items() if one.expires_ms <= at_ms]:
            del self._subscribers[sid]


def _seconds(text: str) -> int:
    found = re.fullmatch(r"second-(\d+)", text.strip().lower())
    return LONGEST_S if found is None else min(LONGEST_S, max(1, int(found[1])))
