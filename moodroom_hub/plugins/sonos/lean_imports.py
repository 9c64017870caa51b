"""Loads SoCo without packages that the hub never calls: 5 MB beside Spotify's plugin, 8 MB without it.

- ``lxml``: SoCo sorts with it the groups that it polls by itself, and reads the events that its own listener gets. The
  hub reads both itself.
- ``xmltodict``, ``appdirs``, ``ifaddr``: alarms, the music library, saved accounts and SoCo's own search.
- ``charset_normalizer`` and ``chardet``: requests guesses encodings with them, and is made to work without. The hub
  sends nothing to speakers through requests.

Everybody else may import the real ones, before or afterwards: what stood in for them is gone from ``sys.modules``.
SoCo keeps the stand-ins, so whoever wants more of it in the hub's process imports ``lxml`` and ``xmltodict`` before.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_UNUSED = ("lxml", "lxml.etree", "xmltodict", "appdirs", "ifaddr")
_GUESSERS = ("charset_normalizer", "chardet")
_WARNING = "Unable to find acceptable character detection dependency"


class _StandIn(Exception):
    """Whatever SoCo names of a module while it is loaded: a class to call, to derive from, to catch."""


class _Placeholder(ModuleType):
    """A module that has every name."""

    def __getattr__(self, name: str) -> type[_StandIn]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn


@contextmanager
def lean_imports() -> Iterator[None]:
    """What is imported inside does without them; no effect on those that are imported already."""
    stand_ins: dict[str, ModuleType | None] = {name: _Placeholder(name) for name in _UNUSED}
    vars(stand_ins["lxml"]).update(__path__=[], etree=stand_ins["lxml.etree"])
    stand_ins |= dict.fromkeys(_GUESSERS)
    if "lxml" in sys.modules:
        del stand_ins["lxml.etree"]
    ours = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    # ``None`` is Python's own sign for "not to be imported"; typeshed does not know it.
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # see above
    modules.update(ours)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_WARNING)
            yield
    finally:
        for name, stand_in in ours.items():
            if name in sys.modules and sys.modules[name] is stand_in:
                del sys.modules[name]
