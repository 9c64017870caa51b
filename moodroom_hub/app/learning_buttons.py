"""``moodroom-hub buttons learn``: listens on the broker while somebody presses, and prints the mapping to paste."""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass
from typing import Final

import click

from moodroom_hub.app.output import hint, say, show_json
from moodroom_hub.app.shared import Shared, is_interactive
from moodroom_hub.core.actions import ROOM_DEEDS, TIMED_DEEDS, Deed, find_room
from moodroom_hub.core.config import LoadedConfig, plugin_config
from moodroom_hub.core.config.problems import closest, did_you_mean
from moodroom_hub.core.errors import MoodroomError, StartError
from moodroom_hub.core.topics import filter_problem, is_match
from moodroom_hub.domain.durations import format_duration, parse_duration
from moodroom_hub.plugins.buttons.learning import Guess, Learner
from moodroom_hub.plugins.buttons.pasting import pasted
from moodroom_hub.plugins.mqtt.access import find_access
from moodroom_hub.plugins.mqtt.client import Connection
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.failures import ProtocolRefused
from moodroom_hub.plugins.mqtt.messages import Incoming, Outgoing

QUIET_S: Final = 5.0
"""So long after the last press of a known device nobody presses any more."""
ANSWER_S: Final = 5.0
LINES_SHOWN: Final = 30
UNASKED: Final = Deed.PLAY_PAUSE
"""What a press does where nothing was said and nobody can be asked."""
EVERYTHING: Final = "#"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was asked for on the command line."""

    topic: str
    seconds: float
    action: Deed | None
    room: str | None
    zone: str | None
    lasts: str | None
    is_json: bool


def learn(shared: Shared, lesson: Lesson) -> None:
    """Listen, then tell. Raises ``MoodroomError`` where there is no broker, or nothing that looks like a press."""
    loaded = shared.config()
    wish = _wish(lesson, loaded)
    problem = filter_problem(lesson.topic)
    if problem is not None:
        raise click.BadParameter(f"no topic filter: {problem}.", param_hint="--topic")
    learner = Learner()
    with contextlib.suppress(KeyboardInterrupt):  # enough was pressed
        asyncio.run(_listen(loaded, lesson, learner))
    guesses = learner.guesses()
    if not guesses:
        if lesson.is_json:
            show_json({"messages": learner.heard, "guesses": [], "yaml": None})
        raise MoodroomError(
            f"Nothing that looks like a press was heard ({learner.heard} messages). Is the button connected to this "
            "broker? --topic listens to one topic, --seconds listens longer."
        )
    best = guesses[0]
    unasked = ""
    if wish is None:
        wish = _asked_wish(loaded) if is_interactive() else {"action": str(UNASKED)}
        unasked = "" if is_interactive() else f"# nobody could be asked, so a press does {UNASKED}: --action chooses\n"
    text = unasked + pasted([best.mapping(wish)], loaded.settings.plugins)
    if lesson.is_json:
        show_json(
            {
                "messages": learner.heard,
                "guesses": [{**_told(guess), "mapping": guess.mapping(wish)} for guess in guesses],
                "yaml": text,
            }
        )
        return
    _tell_guesses(guesses)
    for line in text.splitlines():
        say(line)
    where = loaded.path or "your config.yaml"
    hint(f"Paste this into {where} where its comment says, and restart the hub.")


# --- listening -------------------------------------------------------------------------------------------


async def _listen(loaded: LoadedConfig, lesson: Lesson, learner: Learner) -> None:
    config = plugin_config(loaded, "mqtt", MqttConfig)
    if config.host is None and not config.embedded:
        raise StartError("No broker is configured. Set plugins.mqtt.host, or plugins.mqtt.embedded: true.")
    try:
        await _listen_once(loaded, config, lesson, learner, is_v5=config.protocol == "5")
    except ProtocolRefused:
        await _listen_once(loaded, config, lesson, learner, is_v5=False)


async def _listen_once(
    loaded: LoadedConfig, config: MqttConfig, lesson: Lesson, learner: Learner, *, is_v5: bool
) -> None:
    access = await find_access(
        config,
        loaded.settings.hub.data_dir,
        is_v5=is_v5,
        embedded_port=config.port if config.embedded else None,
        suffix=f"-learn-{secrets.token_hex(2)}",  # neither the hub nor another learner shall be thrown out
    )
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + lesson.seconds
    quiet_s = ends_s
    lines = 0
    own = tuple(f"{prefix}/#" for prefix in (config.base_topic, config.discovery_prefix))

    def hear(incoming: Incoming) -> None:
        nonlocal quiet_s, lines
        if incoming.is_retained or any(is_match(one, incoming.topic) for one in own):
            return
        told = learner.hear(incoming.topic, incoming.payload)
        if told is not None:
            quiet_s = min(ends_s, loop.time() + QUIET_S)
            lines += 1
            if lines <= LINES_SHOWN:
                hint(f"heard  {told}")

    # Nobody cares when a learner dies; an empty message on a topic of our own tells nothing to anybody.
    will = Outgoing(f"{config.base_topic}/learn", b"", is_retained=False)
    async with Connection(access, will, hear, ANSWER_S) as connection:
        await connection.subscribe([lesson.topic])
        if lesson.topic in connection.forbidden:
            raise MoodroomError(f"The broker does not let this user listen to {lesson.topic}. --topic listens to less.")
        hint(f"Connected to {access.host}:{access.port}, listening for {lesson.seconds:g} s; Ctrl-C ends it earlier.")
        hint("Press the button now, a few times.")
        ends_s = loop.time() + lesson.seconds
        quiet_s = ends_s
        lost = asyncio.create_task(connection.lost())
        try:
            while (left_s := quiet_s - loop.time()) > 0 and not lost.done():
                await asyncio.wait((lost,), timeout=left_s)
            if lost.done():
                lost.result()
        finally:
            lost.cancel()
            with contextlib.suppress(asyncio.CancelledError, MoodroomError):
                await lost
        await connection.goodbye()


# --- telling ---------------------------------------------------------------------------------------------


def _told(guess: Guess) -> dict[str, object]:
    return {
        "topic": guess.topic,
        "times": guess.times,
        "preset": guess.preset,
        "gestures": list(guess.gestures),
        "path": guess.path,
        "value": guess.value or None,
    }


def _tell_guesses(guesses: list[Guess]) -> None:
    for number, guess in enumerate(guesses):
        what = f"{guess.preset}: {', '.join(guess.gestures)}" if guess.preset else _place_of(guess)
        hint(f"{'this  ' if number == 0 else 'or    '} {guess.topic} ({what}; {guess.times}x)")


def _place_of(guess: Guess) -> str:
    value = json.dumps(guess.value, ensure_ascii=False)
    return value if guess.path is None else f"{guess.path} = {value}"


# --- what a press shall do -------------------------------------------------------------------------------


def _wish(lesson: Lesson, loaded: LoadedConfig) -> dict[str, str] | None:
    """What the options say, as a mapping says it; ``None`` where they say nothing. Raises ``click.UsageError``."""
    action = lesson.action or (Deed.TOGGLE if lesson.room is not None else None)
    if action is None:
        if lesson.zone is not None or lesson.lasts is not None:
            raise click.UsageError("--zone and --for need an --action.")
        return None
    wish = {"action": str(action)}
    if lesson.room is not None:
        if action not in ROOM_DEEDS:
            raise click.UsageError(f"{action} takes no --room.")
        wish["room"] = _room(lesson.room, loaded)
    elif action in ROOM_DEEDS:
        raise click.UsageError(f"{action} needs a --room.")
    if lesson.zone is not None:
        wish["zone"] = lesson.zone
    if lesson.lasts is not None:
        if action not in TIMED_DEEDS:
            raise click.UsageError(f"{action} does not last: --for is for learning_on and learning_off.")
        try:
            lasts_ms = parse_duration(lesson.lasts)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--for") from None
        if lasts_ms == 0:
            raise click.BadParameter("that is no time at all.", param_hint="--for")
        wish["for"] = format_duration(lasts_ms)
    return wish


def _room(said: str, loaded: LoadedConfig) -> str:
    rooms = loaded.settings.domain_rooms()
    room = find_room(rooms, said)
    if room is None:
        meant = did_you_mean(closest(said, list(rooms)))
        raise click.BadParameter(
            f"there is no such room; known: {', '.join(rooms)}. {meant}".strip(), param_hint="--room"
        )
    return room


def _asked_wish(loaded: LoadedConfig) -> dict[str, str]:
    """Ask the person at the terminal."""
    deeds = click.Choice([str(deed) for deed in Deed])
    action = click.prompt("What shall a press do", type=deeds, default=str(Deed.TOGGLE), err=True)
    if action not in ROOM_DEEDS:
        return {"action": action}
    question = f"Which room ({', '.join(loaded.settings.domain_rooms())})"
    room = click.prompt(question, value_proc=lambda said: _room(said, loaded), err=True)
    return {"action": action, "room": room}
