"""The first steps in the owner's own configuration file: a plugin's key, and which rooms there are."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import platformdirs
from pydantic import ValidationError

from moodroom_hub.core.config.default_rooms import DEFAULT_ROOMS
from moodroom_hub.core.config.editing import Written
from moodroom_hub.core.config.environment import overrides
from moodroom_hub.core.config.fields import slugged
from moodroom_hub.core.config.first_file import first_file
from moodroom_hub.core.config.load import LoadedConfig, folded, load_config
from moodroom_hub.core.config.models import RoomSection, Settings
from moodroom_hub.core.config.problems import ConfigError
from moodroom_hub.core.config.reader import decoded
from moodroom_hub.core.config.rendering import Value
from moodroom_hub.core.config.replacing import encoded_as, forget_empty, make_empty, refuse_unwritable, replace_file
from moodroom_hub.core.config.secret import is_reference
from moodroom_hub.core.config.splicing import CannotSplice, with_key, with_rooms
from moodroom_hub.core.errors import Trouble, TroubleCode

Splice = Callable[[str], str]
_NOTHING: Final = "Nothing was written."


def usual_place() -> Path:
    """Where a file is made that the hub finds from any folder."""
    return platformdirs.user_config_path("moodroom-hub", appauthor=False) / "config.yaml"


def overriding_variable(plugin: str, key: str, environ: Mapping[str, str]) -> str | None:
    """The variable that sets this key of the plugin, whatever the file says."""
    meant = ("plugins", folded(plugin), folded(key))
    found, _misnamed = overrides(environ, (), ())
    return next((each.name for each in found if tuple(map(folded, each.parts)) == meant[: len(each.parts)]), None)


def write_plugin_value(
    path: Path | None,
    plugin: str,
    key: str,
    value: str,
    *,
    environ: Mapping[str, str] = os.environ,
    check: Callable[[LoadedConfig], object] = lambda _: None,
) -> Written:
    """Set ``plugins.<plugin>.<key>`` in the file at ``path`` (``LoadedConfig.path``); every other sign of it stays.

    Where there is no file yet, one is written as ``moodroom-hub init`` does. ``check`` raises ``ConfigError`` where
    the plugin does not take the value. Raises ``Trouble`` with the mend, and then nothing has changed.
    """
    variable = overriding_variable(plugin, key, environ)
    if variable is not None:
        raise Trouble(
            TroubleCode.CONFLICT,
            f"The variable {variable} decides this and not the file: take it out of the environment. {_NOTHING}",
        )
    if is_reference(value):
        raise Trouble(
            TroubleCode.BAD_REQUEST, f"A text that begins with env: or file: would be read as a reference. {_NOTHING}"
        )

    def expected(before: LoadedConfig) -> Settings:
        given = before.settings.plugins
        section = {**given.get(plugin, {}), key: value}
        old = given.get(plugin, {}).get(key)
        if isinstance(old, str) and is_reference(old):
            raise Trouble(TroubleCode.CONFLICT, f"The file takes this from {old}: set it there. {_NOTHING}")
        return before.settings.model_copy(update={"plugins": {**given, plugin: section}})

    return _rewrite(path, environ, lambda text: with_key(text, ("plugins", plugin, key), value), expected, check)


def write_rooms(
    path: Path | None, keep: Sequence[str], own: Sequence[str] = (), *, environ: Mapping[str, str] = os.environ
) -> Written:
    """Let the file name just the rooms of ``keep`` (slugs, also of the six defaults) and new ones named ``own``.

    What stands in the file of a room that goes is in the ``.bak`` beside it. Else as ``write_plugin_value``.
    """
    made = {_slug_for(name): name for name in own}
    wanted = [*dict.fromkeys([*keep, *made])]
    if not wanted:
        raise Trouble(TroubleCode.BAD_REQUEST, f"A hub needs one room at least. {_NOTHING}")
    found, _misnamed = overrides(environ, (), ())
    for each in found:
        if each.parts[0] == "rooms" and (len(each.parts) < 3 or each.parts[1] not in map(folded, wanted)):
            raise Trouble(
                TroubleCode.CONFLICT,
                f"The variable {each.name} decides about rooms and not the file: take it out of the environment. "
                f"{_NOTHING}",
            )
    now: list[str] = []
    add: dict[str, Value] = {}

    def expected(before: LoadedConfig) -> Settings:
        rooms = before.settings.rooms
        now.extend(rooms)
        for slug in wanted:
            if slug not in rooms:
                if slug not in made and slug not in DEFAULT_ROOMS:
                    raise Trouble(TroubleCode.BAD_REQUEST, f"There is no room {slug} (any more). {_NOTHING}")
                add[slug] = None if slug in DEFAULT_ROOMS else {"name": made[slug]}
        kept = {slug: room for slug, room in rooms.items() if slug in wanted}
        new = {slug: _room(slug, made.get(slug, "")) for slug in add}
        return before.settings.model_copy(update={"rooms": {**kept, **new}})

    return _rewrite(
        path, environ, lambda text: with_rooms(text, [each for each in now if each not in wanted], add, now), expected
    )


def _slug_for(name: str) -> str:
    try:
        checked = RoomSection.model_validate({"name": name}).name
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Trouble(
            TroubleCode.BAD_REQUEST, f"A room's name: {first['msg'].removeprefix('Value error, ')}. {_NOTHING}"
        ) from None
    slug = slugged(checked)
    if not slug:
        raise Trouble(
            TroubleCode.BAD_REQUEST, f"A room's name needs a Latin letter or a digit, for its address. {_NOTHING}"
        )
    return slug


def _room(slug: str, name: str) -> RoomSection:
    return RoomSection.model_validate(DEFAULT_ROOMS.get(slug, {"name": name.strip()}))


def _rewrite(
    path: Path | None,
    environ: Mapping[str, str],
    splice: Splice,
    expect: Callable[[LoadedConfig], Settings],
    check: Callable[[LoadedConfig], object] = lambda _: None,
) -> Written:
    place = path or usual_place()
    is_new = not place.exists() and path is None
    if is_new:
        make_empty(place)
    try:
        return _rewritten(place, environ, splice, expect, check, is_new=is_new)
    except OSError as error:
        forget_empty(place, is_new)
        raise Trouble(
            TroubleCode.CONFLICT, f"{place} cannot be written ({error.strerror or error}). {_NOTHING}"
        ) from None
    except BaseException:
        forget_empty(place, is_new)
        raise


def _rewritten(
    place: Path,
    environ: Mapping[str, str],
    splice: Splice,
    expect: Callable[[LoadedConfig], Settings],
    check: Callable[[LoadedConfig], object],
    *,
    is_new: bool,
) -> Written:
    target = place.resolve()
    before = target.read_bytes()
    loaded = load_config(place, environ)
    expected = expect(loaded)
    if not is_new and expected == loaded.settings and list(expected.rooms) == list(loaded.settings.rooms):
        return Written(place, None)
    text = first_file() if is_new else decoded(before, str(place))[0]
    if is_new:  # its own text says nothing beyond the defaults
        loaded_plugins = {**{"spotify": {"client_id": None}}, **expected.plugins}
        expected = expected.model_copy(update={"plugins": loaded_plugins})
    try:
        after = encoded_as(splice(text), before)
    except CannotSplice as error:
        raise Trouble(TroubleCode.CONFLICT, f"{place}: {error}. {_NOTHING}") from None
    refuse_unwritable(place, target)
    if target.read_bytes() != before:
        raise Trouble(TroubleCode.CONFLICT, f"{place} was changed this very moment; try again. {_NOTHING}")
    kept = None if is_new else target.with_name(f"{target.name}.bak")
    if kept is not None:
        replace_file(kept, before, target.stat())
    replace_file(target, after, target.stat())
    try:
        now = load_config(place, environ)
        is_meant = now.settings == expected and list(now.settings.rooms) == list(expected.rooms)
        check(now)
    except ConfigError as error:
        replace_file(target, before, target.stat())
        raise Trouble(TroubleCode.BAD_REQUEST, f"{error.problems[0].message}. {_NOTHING}") from None
    if not is_meant or now.plugin_problems.keys() != loaded.plugin_problems.keys():
        replace_file(target, before, target.stat())
        raise Trouble(
            TroubleCode.CONFLICT,
            f"{place} is written in a way that the hub cannot change safely; it stands as it was. Change it yourself.",
        )
    return Written(place, kept, is_new)
