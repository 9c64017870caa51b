"""The log: one record a line, nothing hostile, nothing secret, little repetition."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.app import log as house_log
from moodroom_hub.app.log import (
    LIBRARY_LEVELS,
    HouseHandler,
    JsonFormatter,
    TextFormatter,
    configure_logging,
    redacted,
    register_secret,
)


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the root logger and the secrets as they were."""
    monkeypatch.setattr(house_log, "_secrets", set())
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    for name in LIBRARY_LEVELS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_text_for_a_person_json_for_a_machine_and_the_variable_decides() -> None:
    cases = [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"MOODROOM_LOG_FORMAT": "text"}, True),
        (Terminal(), {"MOODROOM_LOG_FORMAT": "json"}, False),
        (io.StringIO(), {"MOODROOM_LOG_FORMAT": "Text"}, True),
        (Terminal(), {"MOODROOM_LOG_FORMAT": ""}, True),
    ]
    for stream, environ, is_text in cases:
        configure_logging("info", stream, environ)
        logging.getLogger("moodroom_hub.core.hub").info("plays %s", "House")
        line = stream.getvalue()
        assert line.endswith("\n")
        if is_text:
            assert line[8:] == " INFO    core.hub: plays House\n"
        else:
            told = json.loads(line)
            assert (told["level"], told["logger"], told["message"]) == ("info", "moodroom_hub.core.hub", "plays House")


@given(st.text(st.characters(codec=None)))
def test_one_record_is_one_line_whatever_the_title(title: str) -> None:
    record = logging.LogRecord("moodroom_hub.x", logging.INFO, __file__, 1, "heard %s", (title,), None)
    assert len(TextFormatter().format(record).splitlines()) == 1
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert len(line.splitlines()) == 1


def test_a_traceback_is_marked_line_by_line_and_harmless() -> None:
    stream = Terminal()
    configure_logging("info", stream, {})
    register_secret("sesame-open")
    try:
        raise ValueError("\x1b[31m\nforged: sesame-open")
    except ValueError:
        logging.getLogger("moodroom_hub.x").exception("it broke")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR   x: it broke")
    assert len(rest) > 2
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in stream.getvalue()
    assert "sesame" not in stream.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer {}",
        "GET /callback?code={}&state=x",
        "{{'access_token': '{}', 'x': 1}}",
        '{{"refresh_token": "{}"}}',
        "refresh_token={}&grant_type=refresh_token",
        "postgresql://user:{}@host/db",
    ],
)
def test_what_looks_like_a_credential_is_masked_though_nobody_registered_it(line: str) -> None:
    shown = redacted(line.format("AQD3-secret_value"))
    assert "AQD3" not in shown
    assert "***" in shown


def test_ordinary_words_stay() -> None:
    for line in ("code: rate_limited", "the password: set web.password", "http://127.0.0.1:7777/login", "state=on"):
        assert redacted(line) == line


@given(st.text(min_size=4), st.text(), st.text())
def test_a_registered_secret_is_in_no_line(secret: str, before: str, after: str) -> None:
    house_log._secrets.clear()
    register_secret(secret)
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s%s%s", (before, secret, after), None)
    told = json.loads(JsonFormatter().format(record))["message"]
    assert secret not in told or secret in "***" * 2


def handler_with_clock() -> tuple[HouseHandler, io.StringIO, list[float], logging.Logger]:
    stream, now = io.StringIO(), [0.0]
    handler = HouseHandler(stream, lambda: now[0])
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.Logger("made up")
    logger.addHandler(handler)
    return handler, stream, now, logger


def test_a_warning_that_repeats_is_counted() -> None:
    handler, stream, now, logger = handler_with_clock()
    for _ in range(50):
        logger.warning("Spotify is away (%s)", 503)
        logger.info("still here")
    assert stream.getvalue().count("WARNING") == 1
    assert stream.getvalue().count("INFO") == 50
    now[0] = 61.0
    logger.warning("Spotify is away (%s)", 503)
    lines = [line for line in stream.getvalue().splitlines() if line.startswith("WARNING")]
    assert lines[1:] == ["WARNING Spotify is away (503) (repeated 49 times)", "WARNING Spotify is away (503)"]
    handler.close()


def test_other_warnings_pass_and_the_count_is_told_at_the_end() -> None:
    handler, stream, _, logger = handler_with_clock()
    for number in range(3):
        logger.warning("number %d", number)
        logger.error("the same")
    handler.close()
    assert stream.getvalue().splitlines() == [
        "WARNING number 0",
        "ERROR the same",
        "WARNING number 1",
        "WARNING number 2",
        "ERROR the same (repeated 2 times)",
    ]


def test_what_was_held_back_comes_before_the_last_word() -> None:
    handler, stream, _, logger = handler_with_clock()
    logger.warning("not logged in")
    logger.warning("not logged in")
    handler.tell_held_back()
    logger.info("stopped")
    handler.close()
    assert stream.getvalue().splitlines()[1:] == ["WARNING not logged in (repeated once)", "INFO stopped"]


def test_memory_of_repetition_is_bounded() -> None:
    handler, _, _, logger = handler_with_clock()
    for number in range(2_000):
        logger.warning("number %d", number)
    assert len(handler._seen) <= 200
    handler.close()


def test_arguments_that_do_not_fit_harm_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    handler, stream, _, logger = handler_with_clock()
    logger.warning("%d tracks", "many")
    logger.warning("goes on")
    assert "goes on" in stream.getvalue()
    assert "Logging error" in capsys.readouterr().err
    handler.close()


def test_noisy_libraries_are_quiet_even_when_debugging() -> None:
    stream = io.StringIO()
    configure_logging("debug", stream, {})
    logging.getLogger("urllib3.connectionpool").debug("GET /callback?code=abc")
    logging.getLogger("spotipy.client").error("HTTP Error for GET")
    logging.getLogger("aiohttp.access").info("GET /")
    logging.getLogger("apscheduler.scheduler").info("Added job")
    assert stream.getvalue() == ""
    logging.getLogger("moodroom_hub.x").debug("here")
    assert "here" in stream.getvalue()
