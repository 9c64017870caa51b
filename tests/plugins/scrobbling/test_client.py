"""What the line says of a service that is not there is for a person."""

import errno
import socket

import pytest

from moodroom_hub.plugins.scrobbling.client import Client, LineError, words_of
from moodroom_hub.plugins.scrobbling.services import Request


async def test_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        async with Client(lambda ms: ms / 1000) as line:
            with pytest.raises(LineError) as failed:
                await line.send(Request("GET", address))
    assert failed.value.reason == "cannot be reached (nobody answers there)"
    assert not failed.value.was_sent


def test_words_of_what_keeps_a_connection() -> None:
    unreachable = OSError(errno.EHOSTUNREACH, "Connect call failed ('10.0.0.9', 80)")
    assert words_of(unreachable) == "No route to host"
    assert words_of(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == "Name or service not known"
