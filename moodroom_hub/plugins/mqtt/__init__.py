"""MQTT: the hub's face for a home. Rooms are switches, on any broker, and in Home Assistant by themselves."""

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.timings import Timings

if TYPE_CHECKING:
    from moodroom_hub.plugins.mqtt.access import Access
    from moodroom_hub.plugins.mqtt.bridge import Bridge
    from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker

NO_BROKER: Final = "switched off: no broker is configured (plugins.mqtt.host)"


class Plugin:
    """Speaks to one broker, or to one of the hub's own. ``timings`` are real seconds; tests give shorter ones."""

    name: ClassVar[str] = "mqtt"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[MqttConfig]] = MqttConfig
    timings: ClassVar[Timings] = Timings()

    def __init__(self, context: PluginContext[MqttConfig]) -> None:
        self._context = context
        self._bridge: Bridge | None = None
        self._broker: EmbeddedBroker | None = None
        self._broker_port: int | None = None

    @property
    def broker_address(self) -> str:
        """Where the hub's own broker listens, ``127.0.0.1:1883``; empty where there is none."""
        return "" if self._broker_port is None else f"{self._context.config.embedded_host}:{self._broker_port}"

    @hookimpl
    async def start(self) -> None:
        """Begin to connect; returns at once. Raises ``NotReady`` where the hub's own broker cannot start."""
        config = self._context.config
        if config.host is None and not config.embedded:
            self._context.set_status(PluginStatus.DISABLED, NO_BROKER)
            return
        if config.embedded:
            await self._start_broker(config)
        # Late: paho costs memory and time that a hub without a broker shall not pay.
        from moodroom_hub.plugins.mqtt.bridge import Bridge

        self._bridge = Bridge(self._context, self.timings, embedded_port=self._broker_port)
        self._context.set_health(Check("broker", CheckLevel.FAILED, "not connected yet"))
        self._context.set_status(PluginStatus.WAITING, "connecting to the broker")
        self._context.spawn("bridge", self._bridge.run)

    @hookimpl
    async def stop(self) -> None:
        """The bridge has taken its leave by now; the hub's own broker ends with it."""
        self._context.set_health(None)
        self._bridge = None
        broker, self._broker, self._broker_port = self._broker, None, None
        if broker is not None:
            await broker.stop()

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Tell it to the home."""
        if self._bridge is not None:
            self._bridge.tell(event)

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Can the broker be reached, and does it let the hub in?"""
        config, data_dir = self._context.config, self._context.data_dir
        if config.embedded:
            where = f"{config.embedded_host}:{config.port}"
            if self._broker_port is None and (trouble := _port_trouble(config.embedded_host, config.port)):
                mend = "end the other program, or set plugins.mqtt.port"
                return [Check("broker", CheckLevel.FAILED, f"the hub's own cannot listen on {where}: {trouble}", mend)]
            return [Check("broker", CheckLevel.OK, f"the hub runs its own, at {where}")]
        if config.host is None:
            return [Check("broker", CheckLevel.SKIPPED, NO_BROKER)]
        from moodroom_hub.plugins.mqtt.access import find_access
        from moodroom_hub.plugins.mqtt.bridge import look_at_broker

        async def find(is_v5: bool) -> "Access":
            return await find_access(config, data_dir, is_v5=is_v5, suffix="-check")

        return [await look_at_broker(config, find, self.timings.answer)]

    async def _start_broker(self, config: MqttConfig) -> None:
        from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker

        password = None if config.password is None else config.password.resolve()
        self._broker = EmbeddedBroker(config.embedded_host, config.port, config.username, password)
        self._broker_port = await self._broker.start()


def _port_trouble(host: str, port: int) -> str | None:
    """Why nobody can listen there; ``None`` where one can. It is tried as the broker itself does it."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        return error.strerror or "no such address"
    return None
