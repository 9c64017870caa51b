"""Rewriting a room's words in the owner's own configuration file: all of it or nothing, and only that."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import ValidationError

from moodroom_hub.core.config.environment import Override, overrides
from moodroom_hub.core.config.load import LoadedConfig, folded, load_config
from moodroom_hub.core.config.models import AnchorSection, RoomSection, Settings
from moodroom_hub.core.config.problems import ConfigError, dotted
from moodroom_hub.core.config.reader import decoded
from moodroom_hub.core.config.rendering import Words, words_of
from moodroom_hub.core.config.replacing import encoded_as, forget_empty, make_empty, refuse_unwritable, replace_file
from moodroom_hub.core.config.secret import is_reference
from moodroom_hub.core.config.splicing import CannotSplice, Change, spliced
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor


@dataclass(frozen=True, slots=True)
class Written:
    """Where a definition went. ``kept``: the file as it was; ``None`` where there was none, or nothing to change."""

    path: Path
    kept: Path | None
    is_new: bool = False


def definition_of(room: RoomSection) -> Definition:
    """The words of a configured room."""
    anchors = tuple(Anchor(anchor.name, anchor.artist) for anchor in room.anchors)
    return Definition(room.description, anchors, room.avoid)


def write_definition(
    path: Path | None,
    slug: str,
    definition: Definition,
    *,
    was: Definition | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Written:
    """Make ``definition`` the room's words in the file at ``path``; every other sign of it stays.

    ``path`` is ``LoadedConfig.path``; where there is no file yet, one is written where the hub finds it. ``was`` is
    what the caller takes the room's words to be: where the file says something else by now, nothing is written. The
    old file stays beside it as ``NAME.bak``. Raises ``Trouble`` with the mend, and then nothing has changed.
    """
    place = path or platformdirs.user_config_path("moodroom-hub", appauthor=False) / "config.yaml"
    is_new = not place.exists() and path is None
    if is_new:
        make_empty(place)
    try:
        return _written(place, slug, definition, was, environ, is_new=is_new)
    except OSError as error:
        forget_empty(place, is_new)
        raise Trouble(
            TroubleCode.CONFLICT, f"{place} cannot be written ({error.strerror or error}); nothing was changed."
        ) from None
    except BaseException:
        forget_empty(place, is_new)
        raise


def _written(
    place: Path,
    slug: str,
    definition: Definition,
    was: Definition | None,
    environ: Mapping[str, str],
    *,
    is_new: bool,
) -> Written:
    target = place.resolve()
    before = target.read_bytes()
    loaded = load_config(place, environ)
    room = loaded.settings.rooms.get(slug)
    if room is None:
        raise Trouble(TroubleCode.CONFLICT, f"{place} has no room {slug} (any more); nothing was written.")
    now, new = definition_of(room), _loaded(slug, room, definition)
    if was is not None and _loaded(slug, room, was) != now:
        raise Trouble(
            TroubleCode.CONFLICT,
            f"{place} says something else about {slug} than the hub knows: it was changed since it was loaded. "
            "Start the hub again, then calibrate again; nothing was written.",
        )
    before_words, new_words = words_of(now), words_of(new)
    changes = {key: Change(before_words[key], value) for key, value in new_words.items() if value != before_words[key]}
    if not changes:
        forget_empty(place, is_new)
        return Written(place, None)
    _refuse_overridden(slug, changes, environ)
    _refuse_references(slug, changes)
    text, _findings = decoded(before, str(place))
    try:
        after = encoded_as(spliced(text, slug, changes, _named_rooms(place, loaded)), before)
    except CannotSplice as error:
        raise Trouble(TroubleCode.CONFLICT, f"{place}: {error}. Nothing was written.") from None
    refuse_unwritable(place, target)
    if target.read_bytes() != before:
        raise Trouble(TroubleCode.CONFLICT, f"{place} was changed this very moment; nothing was written. Try again.")
    kept = None if is_new else target.with_name(f"{target.name}.bak")
    if kept is not None:
        replace_file(kept, before, target.stat())
    replace_file(target, after, target.stat())
    if not _means(place, environ, _expected(loaded.settings, slug, new), loaded):
        replace_file(target, before, target.stat())
        raise Trouble(
            TroubleCode.CONFLICT,
            f"{place} is written in a way that the hub cannot change safely; it stands as it was. "
            f"Write rooms.{slug} there yourself: {', '.join(changes)}.",
        )
    return Written(place, kept, is_new)


def _loaded(slug: str, room: RoomSection, definition: Definition) -> Definition:
    """``definition`` as it reads once it was loaded: without blanks round its lines."""
    words = {
        "name": room.name,
        "description": definition.description,
        "anchors": [{"name": anchor.name, "artist": anchor.artist} for anchor in definition.anchors],
        "avoid": list(definition.avoid),
    }
    try:
        return definition_of(RoomSection.model_validate(words))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = dotted(("rooms", slug, *first["loc"]))
        raise Trouble(
            TroubleCode.BAD_REQUEST, f"{where}: {first['msg'].removeprefix('Value error, ')}; nothing was written."
        ) from None


def _expected(settings: Settings, slug: str, new: Definition) -> Settings:
    anchors = tuple(AnchorSection(name=anchor.name, artist=anchor.artist) for anchor in new.anchors)
    words = {"description": new.description, "anchors": anchors, "avoid": new.avoid}
    return settings.model_copy(
        update={"rooms": {**settings.rooms, slug: settings.rooms[slug].model_copy(update=words)}}
    )


def _means(place: Path, environ: Mapping[str, str], expected: Settings, before: LoadedConfig) -> bool:
    """Whether the file now says just that, to the plugins as well."""
    try:
        loaded = load_config(place, environ)
    except ConfigError:
        return False
    is_same = loaded.settings == expected and list(loaded.settings.rooms) == list(expected.rooms)
    return is_same and loaded.plugin_problems.keys() == before.plugin_problems.keys()


def _named_rooms(place: Path, loaded: LoadedConfig) -> list[str]:
    """The rooms that the file, without any variable, gives: a whole room from a variable stays there."""
    try:
        return list(load_config(place, {}).settings.rooms)
    except ConfigError:  # it needs its variables
        return list(loaded.settings.rooms)


def _refuse_overridden(slug: str, changes: Mapping[str, Change], environ: Mapping[str, str]) -> None:
    def is_in_the_way(override: Override) -> bool:
        section, room, *key = override.parts
        is_this_room = section == "rooms" and folded(room) == folded(slug)
        return is_this_room and (not key or key[0] in changes)

    found, _misnamed = overrides(environ, (), ())
    names = [override.name for override in found if is_in_the_way(override)]
    if names:
        raise Trouble(
            TroubleCode.CONFLICT,
            f"The variable {names[0]} decides this and not the file: take it out of the environment, "
            "and write what it says into the file. Nothing was written.",
        )


def _refuse_references(slug: str, changes: Mapping[str, Change]) -> None:
    for key, change in changes.items():
        old = set(_texts(change.old))
        if any(is_reference(text) for text in _texts(change.new) if text not in old):
            raise Trouble(
                TroubleCode.CONFLICT,
                f"rooms.{slug}.{key}: a text that begins with env: or file: would be read as a reference; "
                "put a space behind the colon. Nothing was written.",
            )


def _texts(words: Words) -> list[str]:
    if isinstance(words, str):
        return [words]
    return [text for word in words for text in ((word.name, word.artist) if isinstance(word, Anchor) else (word,))]
