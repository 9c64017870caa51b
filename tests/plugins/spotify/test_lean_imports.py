"""spotipy loads without what it never uses, and nobody else notices. In fresh processes: imports happen once."""

import subprocess
import sys

import pytest

_PREPARE = """
import sys, warnings
from moodroom_hub.plugins.spotify.lean_imports import lean_imports
"""


def in_a_fresh_process(program: str) -> str:
    """What the program prints, with every warning an error."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PREPARE + program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


def test_the_plugin_loads_neither_redis_nor_encoding_guessers() -> None:
    told = in_a_fresh_process("""
before = list(warnings.filters)
with lean_imports():
    import moodroom_hub.plugins.spotify.wiring
print("spotipy" in sys.modules, warnings.filters == before)
print({"redis", "charset_normalizer", "chardet", "http.server", "webbrowser"} & set(sys.modules))
""")
    assert told == "True True\nset()"


def test_the_real_ones_can_be_imported_afterwards() -> None:
    told = in_a_fresh_process("""
with lean_imports():
    import spotipy
import charset_normalizer, http.server, redis, webbrowser
print(http.server.HTTPServer.__bases__[0].__name__, callable(webbrowser.open))
print(redis.Redis.__name__, charset_normalizer.from_bytes(b"a").best().encoding)
import spotipy.cache_handler
print(spotipy.cache_handler.RedisCacheHandler(None).redis)
""")
    assert told == "TCPServer True\nRedis ascii\nNone"


def test_what_is_imported_already_stays_as_it_is() -> None:
    told = in_a_fresh_process("""
import charset_normalizer, redis
with lean_imports():
    assert sys.modules["redis"] is redis and sys.modules["charset_normalizer"] is charset_normalizer
    import spotipy.cache_handler
assert sys.modules["redis"] is redis and sys.modules["charset_normalizer"] is charset_normalizer
print(spotipy.cache_handler.RedisError is redis.RedisError)
""")
    assert told == "True"


def test_an_error_inside_leaves_nothing_behind() -> None:
    told = in_a_fresh_process("""
try:
    with lean_imports():
        raise RuntimeError
except RuntimeError:
    print("redis" in sys.modules, "chardet" in sys.modules)
""")
    assert told == "False False"


@pytest.mark.parametrize("content", [b'{"name": "caf\\u00e9"}', '{"name": "café"}'.encode()])
def test_answers_are_read_without_a_guesser(content: bytes) -> None:
    told = in_a_fresh_process(f"""
with lean_imports():
    import requests
answer = requests.Response()
answer._content = {content!r}
print(ascii(answer.json()["name"]), answer.text == answer.content.decode())
""")
    assert told == "'caf\\xe9' True"
