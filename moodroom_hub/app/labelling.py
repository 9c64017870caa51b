"""Songs to be placed at a terminal: one at a time, a key each, and an end whenever it is enough."""

from collections.abc import Callable

import click

from moodroom_hub.app.output import say
from moodroom_hub.app.sorter_client import Json, SorterClient
from moodroom_hub.app.sorter_watch import song_text
from moodroom_hub.domain.sorting.percent import percent

KEYS = "123456789abcdefghijklmnoprtvwxyz"
"""Of the sublists, in order; 0, s, u and q have meanings of their own."""
NONE, SKIP, UNDO, STOP = "0", "s", "u", "q"
DONE = ("\r", "\n")
ENDS = ("\x03", "\x04")
"""Ctrl-C and Ctrl-D, where the terminal hands them on."""


class Labelling:
    """One layer's questions. ``layer`` is its JSON; ``learned`` says the progress of a question in words."""

    def __init__(self, sorter: SorterClient, layer: Json, learned: Callable[[Json], str]) -> None:
        self._sorter = sorter
        self._key = str(layer["key"])
        self._is_mutual = bool(layer["mutual"])
        self._is_complete = bool(layer["complete"])
        self._lists = dict(zip(KEYS, layer["sublists"], strict=False))
        self._learned = learned
        self._chosen: list[str] = []

    def run(self) -> int:
        """Ask until there is nothing left, or the person stops; gives how many answers were given and not undone."""
        given: list[str] = []
        asked = self._sorter.question(self._key)
        self._show(asked)
        while asked["song"] is not None:
            key = _pressed()
            if key in (STOP, *ENDS):
                break
            uri = str(asked["song"]["uri"])
            if key == SKIP:
                asked = self._sorter.skip(self._key, uri)
            elif key == UNDO:
                if asked["last"] is None:
                    say("  Nothing to undo.")
                    continue
                taken = asked["last"]
                asked = self._sorter.take_back(self._key)
                self._tell_taken_back(taken, is_earlier=taken["uri"] not in given[-1:])
                if taken["uri"] in given[-1:]:
                    given.pop()
            else:
                sublists = self._answered(key)
                if sublists is None:
                    continue
                say(f"  -> {self._names(sublists)}")
                asked = self._sorter.answer(self._key, uri, sublists)
                given.append(uri)
            self._chosen = []
            self._show(asked)
        return len(given)

    def _tell_taken_back(self, label: Json, *, is_earlier: bool) -> None:
        said = f"{label['name']} -> {self._names(label['sublists'])}"
        say(f"  Taken back: {said}" + (" (said in an earlier sitting)" if is_earlier else ""))

    def _answered(self, key: str) -> list[str] | None:
        """The sublists that a key decides for; ``None``: it decides nothing (yet)."""
        if key == NONE and not self._is_complete:
            return []
        if key in self._lists:
            sublist = str(self._lists[key]["key"])
            if self._is_mutual:
                return [sublist]
            self._toggle(sublist)
            return None
        if key in DONE and not self._is_mutual:
            if self._chosen:
                return self._chosen
            say("  Choose one list or more first." if self._is_complete else "  Choose one list or more first, or 0.")
            return None
        say("  " + self._help())
        return None

    def _toggle(self, sublist: str) -> None:
        if sublist in self._chosen:
            self._chosen.remove(sublist)
        else:
            self._chosen.append(sublist)
        say(f"  {self._names(self._chosen) if self._chosen else 'nothing chosen'} (Enter: done)")

    def _show(self, asked: Json) -> None:
        say()
        say(self._learned(asked["progress"]))
        song = asked["song"]
        if song is None:
            if asked["progress"]["labels"]:
                say("Nothing is left to ask: every song was labelled or skipped.")
            else:
                say("There is no song to ask about. Read your likes first: moodroom-hub library sync")
            return
        say(song_text(song) + (f" ({song['album']})" if song["album"] else ""))
        if asked["why"]:
            say(f"  {asked['why']}")
        chances = {each["sublist"]: each["chance"] for each in asked["chances"]}
        for key, each in self._lists.items():
            chance = chances.get(each["key"])
            say(f"  {key}  {each['name']}" + ("" if chance is None else f"  {percent(chance)}%"))
        say("  " + self._help())

    def _help(self) -> str:
        none = "" if self._is_complete else "0 none of them, "
        done = "" if self._is_mutual else "Enter done, "
        return f"{none}{done}s skip, u undo, q stop"

    def _names(self, sublists: list[str]) -> str:
        return (
            ", ".join(str(each["name"]) for each in self._lists.values() if each["key"] in sublists) or "none of them"
        )


def _pressed() -> str:
    try:
        return click.getchar()
    except EOFError:
        return STOP
