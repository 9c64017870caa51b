"""What a backup's configuration lacks because no secret went into the backup."""

from collections.abc import Iterator
from typing import Any

import yaml

from moodroom_hub.core.config.prepare import sounds_secret

Path = tuple[str | int, ...]
SECRET_BY_KIND: frozenset[Path] = frozenset({("database", "url")})
"""Left out of backups as well, although the name does not say that it is a secret."""


def emptied(kept: str, here: str) -> tuple[list[str], bool]:
    """The keys that are ``null`` in the backup's text ``kept`` and hold a secret, or a value in the text ``here``.

    And whether those secrets are all in which the two differ: then what is here is what was backed up, and more.
    """
    before, now = _leaves(kept), _leaves(here)
    secret = {path for path, value in before.items() if value is None and _is_secret(path)}
    lost = {path for path, value in before.items() if value is None and now.get(path) is not None}
    different = {path for path in {*before, *now} if path not in before or path not in now or before[path] != now[path]}
    # What is not here at all may have been left out; where it is null here as well, nobody misses it.
    missed = lost | {path for path in secret if path not in now and path not in SECRET_BY_KIND}
    names = [".".join(map(str, path)) for path in before if path in missed]
    return names, bool(different) and different <= secret & lost


def _is_secret(path: Path) -> bool:
    return path in SECRET_BY_KIND or sounds_secret(path)


def _leaves(text: str) -> dict[Path, Any]:
    try:
        return dict(_walk(yaml.safe_load(text), ()))
    except yaml.YAMLError:
        return {}


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _walk(child, (*path, str(key)))
    elif isinstance(value, list) and value:
        for number, child in enumerate(value):
            yield from _walk(child, (*path, number))
    else:
        yield path, value
