"""Loads spotipy without big packages that the hub never calls: some 9 MB for as long as it runs.

- ``redis``: spotipy needs the name of one error class of it, for a token cache of its own that the hub does not use
  (our token keeper is the only one). A placeholder with that name serves. Whoever wants spotipy's
  ``RedisCacheHandler`` in the hub's process imports ``redis`` before.
- ``charset_normalizer`` and ``chardet``: requests guesses with them the encoding of texts that do not say theirs, and
  is made to work without (it warns, and takes UTF-8, which is what Spotify sends).

- ``http.server`` and ``webbrowser``: spotipy's own way to log in, which the hub does not use (it serves the callback
  itself).

Everybody else may import the real ones, before or afterwards: what stood in for them is gone from ``sys.modules``.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_GUESSERS = ("charset_normalizer", "chardet")
_WARNING = "Unable to find acceptable character detection dependency"


@contextmanager
def lean_imports() -> Iterator[None]:
    """What is imported inside does without them; no effect on those that are imported already."""
    stand_ins: dict[str, ModuleType | None] = {
        "redis": _placeholder("redis", RedisError=Exception),
        "http.server": _placeholder("http.server", BaseHTTPRequestHandler=object, HTTPServer=object),
        "webbrowser": _placeholder("webbrowser", Error=Exception),
        **dict.fromkeys(_GUESSERS),
    }
    ours = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    _put(ours)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_WARNING)
            yield
    finally:
        for name, stand_in in ours.items():
            if name in sys.modules and sys.modules[name] is stand_in:
                del sys.modules[name]


def _put(stand_ins: dict[str, ModuleType | None]) -> None:
    # ``None`` is Python's own sign for "not to be imported"; typeshed does not know it.
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # see above
    modules.update(stand_ins)


def _placeholder(module: str, **bases: type) -> ModuleType:
    """A module that has nothing but these classes, each with nothing but its base."""
    placeholder = ModuleType(module, "A placeholder for the time in which spotipy is imported.")
    vars(placeholder).update({name: type(name, (base,), {}) for name, base in bases.items()})
    return placeholder
