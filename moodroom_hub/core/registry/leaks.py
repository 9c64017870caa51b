"""Finds tasks that a plugin began on its own and left behind."""

import asyncio
import logging
import weakref
from collections.abc import Mapping

_log = logging.getLogger(__name__)

LAST_WAIT_S = 1.0


class LeakWatch:
    """Knows the tasks of later than its making by the module whose code they run.

    Blind spot: a task that runs a library's code cannot be laid at anybody's door.
    """

    def __init__(self) -> None:
        self._earlier = weakref.WeakSet(asyncio.all_tasks())

    async def sweep(self, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Cancel what is left of the given plugins (name → module), naming each; gives ``plugin: task``."""
        leaked: dict[asyncio.Task[object], str] = {}
        for task in asyncio.all_tasks():
            if task is asyncio.current_task() or task in self._earlier:
                continue
            module = _module_of(task)
            for plugin, root in modules.items():
                if module == root or module.startswith(root + "."):
                    leaked[task] = f"{plugin}: {task.get_name()}"
                    break
        for task, name in leaked.items():
            _log.warning("%s was left running by its plugin; it is cancelled", name)
            task.cancel()
        if leaked:
            _, stubborn = await asyncio.wait(leaked, timeout=LAST_WAIT_S)
            for task in stubborn:
                _log.error("%s does not end, although it was cancelled; it is left behind", leaked[task])
        return tuple(sorted(leaked.values()))


def _module_of(task: asyncio.Task[object]) -> str:
    frame = getattr(task.get_coro(), "cr_frame", None)
    return str(frame.f_globals.get("__name__", "")) if frame is not None else ""
