"""A whole household behind one door: any request to any of its players, answered."""

from collections.abc import Mapping

from moodroom_hub.simulator.sonos.device import accounts, cover, device_description
from moodroom_hub.simulator.sonos.events import Subscriptions
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.players import Reach, SimPlayer
from moodroom_hub.simulator.sonos.services import SERVICES
from moodroom_hub.simulator.sonos.services.actions import Asked
from moodroom_hub.simulator.sonos.soap import XML_TYPE, Answer, answered, read_request, refused
from moodroom_hub.simulator.sonos.world import SonosWorld

_BY_PATH = {service.path: service for service in SERVICES.values()}
_NOT_FOUND = Answer(status=404)


class FakeSonos:
    """Answers requests with what the world is at that moment. ``asked`` counts them by player and action."""

    def __init__(self, world: SonosWorld) -> None:
        self.world = world
        self.subscriptions = Subscriptions(world)
        self.asked: dict[tuple[str, str], int] = {}

    def handle(self, uid: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer of this player; ``drop`` is set where none comes. Any thread may call."""
        with self.world.looked_at() as at_ms:
            player = self.world.players[uid]
            if player.reach is Reach.SILENT:
                return Answer(drop="hang")
            if player.reach is not Reach.ANSWERS:
                return Answer(drop="reset")
            answer = self._answer(
                player, method, path, {name.lower(): text for name, text in headers.items()}, body, at_ms
            )
        if player.slow_ms:
            answer = Answer(answer.status, answer.body, answer.headers, player.slow_ms)
        return answer

    def _answer(
        self, player: SimPlayer, method: str, path: str, headers: Mapping[str, str], body: bytes, at_ms: int
    ) -> Answer:
        if method == "GET":
            return self._page(player, path)
        base, _, end = path.strip("/").rpartition("/")
        service = _BY_PATH.get(base)
        if service is None:
            return _NOT_FOUND
        if end == "Event" and method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            return self.subscriptions.ask(player, service.name, method, headers)
        if end != "Control" or method != "POST":
            return Answer(status=405)
        try:
            asked_service, action, arguments = read_request(body)
            if asked_service != service.name:
                raise UpnpError(Code.INVALID_ACTION)
            self.asked[player.uid, action] = self.asked.get((player.uid, action), 0) + 1
            values = service.ask(action, Asked(self.world, player, arguments, at_ms))
        except UpnpError as error:
            return refused(error.code)
        return answered(service.name, action, values)

    def _page(self, player: SimPlayer, path: str) -> Answer:
        if path == "/xml/device_description.xml":
            return _xml(device_description(player, list(SERVICES.values())))
        if path.startswith("/xml/") and path.endswith("1.xml"):
            service = SERVICES.get(path.removeprefix("/xml/").removesuffix("1.xml"))
            return _NOT_FOUND if service is None else _xml(service.description())
        if path == "/status/accounts":
            return _xml(accounts(self.world, player))
        if path.startswith("/getaa"):
            return Answer(body=cover(path).encode(), headers={"Content-Type": "image/svg+xml"})
        return _NOT_FOUND


def _xml(text: str) -> Answer:
    return Answer(body=text.encode(), headers={"Content-Type": XML_TYPE})
