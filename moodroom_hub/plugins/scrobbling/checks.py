"""``moodroom-hub check``: each target, its key, its queue."""

from collections.abc import Sequence

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.plugins.scrobbling.client import Client, LineError
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.plugins.scrobbling.sender import Line
from moodroom_hub.plugins.scrobbling.services import Again, Shut, Spoiled
from moodroom_hub.plugins.scrobbling.targets import Target, targets_of
from moodroom_hub.plugins.scrobbling.wiring import queue_line

_AWAY = "nothing to mend here: plays wait until it answers"


async def check_all(context: PluginContext[ScrobblingConfig]) -> Sequence[Check]:
    """One line for each target, one for the queues."""
    async with Client(context.clock.real_seconds) as line:
        checks = [await look_at(target, line) for target in targets_of(context.config, context.data_dir)]
    return [*checks, *await _queues(context)]


async def look_at(target: Target, line: Line) -> Check:
    """Ask the service whose the keys are."""
    name, service = f"scrobbling {target.name}", target.service
    keys = await target.keys()
    if isinstance(keys, Shut):
        return _shut(name, keys)
    try:
        reply = await line.send(service.who(keys))
    except LineError as error:
        return Check(name, CheckLevel.WARNING, f"{service.label} {error.reason}", _AWAY)
    outcome = service.read(reply, 0)
    if isinstance(outcome, Shut):
        return _shut(name, outcome)
    if isinstance(outcome, Again | Spoiled):
        return Check(name, CheckLevel.WARNING, outcome.reason, _AWAY)
    user = service.user(reply)
    if user is None:
        return Check(name, CheckLevel.FAILED, f"{service.label} does not know the key", "correct plugins.scrobbling")
    return Check(name, CheckLevel.OK, f"{service.label} knows the key, of {user}")


def _shut(name: str, shut: Shut) -> Check:
    what, _, mend = shut.reason.partition(". ")
    return Check(name, CheckLevel.FAILED, what, mend)


async def _queues(context: PluginContext[ScrobblingConfig]) -> Sequence[Check]:
    try:
        views = await context.hub.plays.targets()
    except Trouble as trouble:
        return [Check("scrobbling queues", CheckLevel.WARNING, trouble.message)]
    if not views:
        return [Check("scrobbling queues", CheckLevel.OK, "nothing waits")]
    dead = any(view.counts.get(DeliveryStatus.DEAD) for view in views)
    level = CheckLevel.WARNING if dead else CheckLevel.OK
    mend = "look at the dead ones: moodroom-hub scrobbles list --status dead" if dead else ""
    return [Check("scrobbling queues", level, "; ".join(map(queue_line, views)), mend)]
