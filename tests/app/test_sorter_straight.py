"""``moodroom-hub sorter`` on the data itself: the real sorter, no hub that runs, nobody logged in."""

import asyncio
import logging

import pytest

from moodroom_hub.core.sorting import Write, WriteStatus
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import LayerKey, SublistKey
from tests.app.conftest import Home

PLUGINS = """
plugins:
  spotify: {client_id: "00000000000000000000000000000000"}
  sorter: {layers: {moods: {sublists: {calm: {}, wild: {}}}}}
"""
SONG = (Uri("spotify:track:0000000000000000000001"),)
WRITTEN = Write(
    0, 1, LayerKey("moods"), SublistKey("calm"), "Calm", "a-playlist", (), SONG, (), SONG, EpochMs(1), WriteStatus.DONE
)


def written(home: Home) -> None:
    """A playlist was written before."""

    async def put() -> None:
        store = Store("sqlite:///moodroom.db", home.data)
        await store.open()
        await store.sorting.put_writes([WRITTEN])
        await store.close()

    asyncio.run(put())


def test_why_nothing_can_be_taken_back_is_said_once(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.configure(PLUGINS)
    for word in ("nothing to take back", "log in"):
        ran = home.run("sorter", "rollback", "--yes")
        assert (ran.code, ran.out, ran.err.count("\n"), word in ran.err.lower()) == (1, "", 1, True), ran
        # Logging is not set up for commands: Python itself would print every warning on stderr, beside the error.
        assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
        written(home)
