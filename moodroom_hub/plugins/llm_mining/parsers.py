"""A model's words as judgements: checked, or not believed. Pure; raises ``AnswerError`` alone.

Nothing of an answer gets further than this: ids must be those that were asked about, rooms those of the question,
confidences numbers from 0 to 1, reasons one clean line.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moodroom_hub.plugins.llm_mining.envelopes import AnswerError, load_json
from moodroom_hub.plugins.llm_mining.texts import clean_line

MOST_TEXT: Final = 2_000_000
"""Characters of an answer that are looked at; more than any honest one."""
_MOST_STARTS = 40
_LONGEST_NAME = 200
_NO_REASON = "the model gave no reason"
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)```", re.DOTALL | re.IGNORECASE)

Confidence = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said of one track and one room: it belongs there (or, in an audit, it does not)."""

    room: str
    confidence: float
    why: str


Verdict = tuple[Said, ...]
"""Of one track: every room that it was given. In an audit: empty, or the one room that it does not fit."""


@dataclass(frozen=True, slots=True)
class SaidSong:
    """A song that the model suggests."""

    name: str
    artist: str
    why: str


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class _Room(_Strict):
    room: str
    confidence: Confidence
    why: str


class _Placement(_Strict):
    id: str
    rooms: list[_Room]


class _Placements(_Strict):
    placements: list[_Placement]


class _Misfit(_Strict):
    id: str
    reason: str
    confidence: Confidence


class _Misfits(_Strict):
    misfits: list[_Misfit]


class _Song(_Strict):
    name: str
    artist: str
    why: str


class _Songs(_Strict):
    safe_side: list[_Song]
    discovery: list[_Song]


def parse_placements(text: str, ids: Collection[str], rooms: Collection[str]) -> dict[str, Verdict]:
    """Of each id that was answered its rooms; ids that are missing were left out by the model."""
    found: dict[str, Verdict] = {}
    for one in _read(text, _Placements).placements:
        if one.id not in ids:
            raise AnswerError(f"it speaks of the id {_shown(one.id)}, which was not asked about")
        if one.id in found:
            raise AnswerError(f"it speaks of the id {one.id} twice")
        slugs = [said.room for said in one.rooms]
        for slug in slugs:
            if slug not in rooms:
                raise AnswerError(f"it names a room {_shown(slug)}, which is none of {', '.join(sorted(rooms))}")
        if len(set(slugs)) != len(slugs):
            raise AnswerError(f"it puts {one.id} twice into the same room")
        found[one.id] = tuple(Said(said.room, said.confidence, _why(said.why)) for said in one.rooms)
    return found


def parse_misfits(text: str, ids: Collection[str], room: str) -> dict[str, Verdict]:
    """Of every id whether it is a misfit; those of which nothing is said fit."""
    found: dict[str, Verdict] = dict.fromkeys(ids, ())
    for one in _read(text, _Misfits).misfits:
        if one.id not in found:
            raise AnswerError(f"it speaks of the id {_shown(one.id)}, which was not asked about")
        if found[one.id]:
            raise AnswerError(f"it speaks of the id {one.id} twice")
        found[one.id] = (Said(room, one.confidence, _why(one.reason)),)
    return found


def parse_songs(text: str) -> tuple[list[SaidSong], list[SaidSong]]:
    """The suggestions: near ones, and discoveries. Songs without a name or an artist are left out."""
    read = _read(text, _Songs)
    return list(_songs(read.safe_side)), list(_songs(read.discovery))


def _songs(songs: list[_Song]) -> Iterator[SaidSong]:
    for song in songs:
        name, artist = clean_line(song.name, _LONGEST_NAME), clean_line(song.artist, _LONGEST_NAME)
        if name and artist:
            yield SaidSong(name, artist, _why(song.why))


def _read(text: str, wanted: type[ModelT]) -> ModelT:
    try:
        return wanted.model_validate(_document(text, next(iter(wanted.model_fields))))
    except ValidationError as error:
        raise AnswerError(_complaint(error)) from None
    except RecursionError:
        raise AnswerError("the answer is nested too deep") from None


def _document(text: str, key: str) -> Any:
    """The JSON object in an answer: the whole of it, else within a fence, else somewhere among prose."""
    if len(text) > MOST_TEXT:
        raise AnswerError("the answer is far too long")
    if not text.strip():
        raise AnswerError("the answer is empty")
    try:
        return load_json(text)
    except AnswerError:
        pass
    plain = _THINKING.sub("", text) if "<think" in text[:20_000].lower() else text
    for inner in (plain, *(match.group(1) for match in _FENCE.finditer(plain))):
        try:
            document = load_json(inner)
        except AnswerError:
            continue
        if isinstance(document, dict):
            return document
    return _among_prose(plain, key)


def _among_prose(text: str, key: str) -> Any:
    """The last object with the wanted key that starts somewhere: what comes before it may be an example."""
    decoder = json.JSONDecoder()
    place, tries, found = text.find("{"), 0, None
    while place >= 0 and tries < _MOST_STARTS:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if isinstance(value, dict) and key in value:
                found = load_json(text[place:end])
        place = text.find("{", end)
    if found is None:
        raise AnswerError("the answer holds no JSON object of the wanted shape")
    return found


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(step) for step in first["loc"][:6])
    return f"{path or 'the answer'}: {clean_line(first['msg'], 120)}"


def _why(text: str) -> str:
    return clean_line(text) or _NO_REASON


def _shown(text: str) -> str:
    return repr(clean_line(text, 40))
