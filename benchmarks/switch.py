"""How fast and how surely a switch of the house is obeyed, through a real Mosquitto.

    python -m benchmarks.switch [--smoke] [--samples 40] [--presses 1000] [--rooms 200]

- **A switch**: from the publishing of ``moodroom/room/<slug>/set`` to the arrival of the activation's first call (the
  order to play) at the simulated Spotify. The hub is the real command in a process of its own, with a real SQLite file;
  client and Spotify share a clock. The baselines are of the same run, taken in turns: the same activation over HTTP,
  and a message through the broker and back without any hub.
- **A burst**: presses of room switches, wall buttons (``plugins.buttons``) and play/pause on both ways, all mixed, as
  fast as the broker takes them. Every order over a topic is answered once by its transaction; every play/pause reaches
  the player once; the room in the end is what a reading of the presses one by one gives.
- **Many rooms**: a hub with 200 rooms starts; from its first word to the last device announced. Baseline: the very
  same messages from a bare client.

``--smoke`` takes seconds and proves nothing but that all of it works. Exit code 1: a goal was missed.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiomqtt

from benchmarks.footprint import Row, show
from benchmarks.switching.house import House, broker, button, eventually, household, settle_in
from benchmarks.weight.process import machine
from moodroom_hub.simulator.catalogue import ROOM_SLUGS

CALM_S = 2.2
"""By then the batch of ten has been handed over: Spotify is given a command every 150 ms."""
HASTE_S = 0.5
REPEATED_S = 5.0
"""A hub says its devices once more after its first word; what is measured comes after that."""
PLAY_PAUSE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of many."""

    times_ms: list[float]

    def __str__(self) -> str:
        ordered = sorted(self.times_ms)
        return f"p50 {statistics.median(ordered):.1f}, p95 {self.p95:.1f}, max {ordered[-1]:.1f} ms ({len(ordered)})"

    @property
    def p95(self) -> float:
        """So long at most, of 95 in 100."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


async def switches(house: House, samples: int) -> list[Row]:
    """A room at a time, by the broker and by HTTP in turns; then in haste."""
    over: dict[str, list[float]] = {"mqtt": [], "state": [], "http": [], "haste": []}
    for number in range(2 * samples):
        slug = ROOM_SLUGS[number % len(ROOM_SLUGS)]
        if number % 2:
            over["http"].append((await _switch(house, slug, is_http=True))[0])
        else:
            order_ms, state_ms = await _switch(house, slug)
            over["mqtt"].append(order_ms)
            over["state"].append(state_ms)
        await asyncio.sleep(CALM_S)
    for number in range(samples):
        over["haste"].append((await _switch(house, ROOM_SLUGS[number % len(ROOM_SLUGS)]))[0])
        await asyncio.sleep(HASTE_S)
    trips = await round_trips(house, samples * 3)
    mqtt = Spread(over["mqtt"])
    return [
        Row("switch → first call at Spotify, over MQTT", "p95 ≤ 50 ms", str(mqtt), mqtt.p95 <= 50),
        Row("  baseline: the same activation over HTTP", "", str(Spread(over["http"]))),
        Row("  baseline: the broker there and back, no hub", "", str(Spread(trips))),
        Row("  switch → its state is ON on the broker", "", str(Spread(over["state"]))),
        Row("  in haste: the batch before is still handed over", "", str(Spread(over["haste"]))),
    ]


async def _switch(house: House, slug: str, *, is_http: bool = False) -> tuple[float, float]:
    """Milliseconds from the switch to the order to play at Spotify, and to the state on the broker."""
    since, heard = len(house.arrivals), len(house.heard)
    on = (f"moodroom/room/{slug}/state", b"ON")
    began_s = time.perf_counter()
    if is_http:
        await house.hub.post(f"/api/rooms/{slug}/activate")
    else:
        await house.publish(f"moodroom/room/{slug}/set", "ON")
    await eventually(lambda: house.plays(since), f"{slug} to play")
    await eventually(lambda: on in [each[1:] for each in house.heard[heard:]], f"{on[0]} to be ON")
    told_s = next(each[0] for each in house.heard[heard:] if each[1:] == on)
    return (house.plays(since)[0].at_s - began_s) * 1000, (told_s - began_s) * 1000


async def round_trips(house: House, count: int) -> list[float]:
    """A message to oneself."""
    times_ms = []
    for number in range(count):
        topic, heard = f"bare/{number}", len(house.heard)
        began_s = time.perf_counter()
        await house.publish(topic, "x")
        await eventually(lambda: any(each[1] == topic for each in house.heard[heard:]), topic)  # noqa: B023
        times_ms.append((next(each[0] for each in house.heard[heard:] if each[1] == topic) - began_s) * 1000)
    return times_ms


@dataclass(frozen=True, slots=True)
class Press:
    """One press and what it does: ``room`` on, off or toggled, or play/pause where there is none."""

    topic: str
    payload: str
    room: str | None
    word: str
    transaction: int | None


def make_presses(count: int, seed: int) -> list[Press]:
    """Most of the rooms', the rest play/pause; half by topics with a transaction, half by buttons; mixed."""
    rng, presses = Random(seed), []
    for number in range(count):
        room, is_button = rng.choice(ROOM_SLUGS), rng.random() < 0.5
        if rng.random() < PLAY_PAUSE_SHARE:
            topic = button("pause") if is_button else "moodroom/player/set"
            payload = "single" if is_button else json.dumps({"command": "play_pause", "transaction": number})
            presses.append(Press(topic, payload, None, "play_pause", None if is_button else number))
        elif is_button:
            presses.append(Press(button(room), "single", room, "TOGGLE", None))
        else:
            word = rng.choice(["ON", "ON", "OFF", "TOGGLE"])
            payload = json.dumps({"state": word, "transaction": number})
            presses.append(Press(f"moodroom/room/{room}/set", payload, room, word, number))
    return presses


def room_after(presses: list[Press], active: str | None) -> str | None:
    """The room that is on when all have been obeyed, one by one."""
    for press in presses:
        if press.room is None:
            continue
        if press.word == "ON" or (press.word == "TOGGLE" and active != press.room):
            active = press.room
        elif active == press.room:
            active = None
    return active


async def burst(house: House, count: int, seed: int) -> list[Row]:
    """All at once."""
    presses, before = make_presses(count, seed), (await house.state())["active_room"]
    since, heard = len(house.arrivals), len(house.heard)
    began_s = time.perf_counter()
    await asyncio.gather(*(house.publish(press.topic, press.payload) for press in presses))
    published_s = time.perf_counter() - began_s
    sent = Counter(press.transaction for press in presses if press.transaction is not None)
    pauses = sum(press.room is None for press in presses)
    with_answers = Counter[int]()

    def answered() -> bool:
        with_answers.clear()
        for _, topic, payload in house.heard[heard:]:
            if topic.startswith("moodroom/response/"):
                with_answers[json.loads(payload)["transaction"]] += 1
        return with_answers.total() >= sent.total() and _reached(house, since) >= pauses

    try:
        await eventually(answered, "every press to be answered")
    except RuntimeError:
        answered()
    obeyed_s = time.perf_counter() - began_s
    await asyncio.sleep(CALM_S)
    answered()
    wanted, got = room_after(presses, before), (await house.state())["active_room"]
    reached, plays = _reached(house, since), house.plays(since)
    late = [each for each in plays if each.at_s > began_s + published_s and each.room != wanted]
    is_exact = with_answers == sent and reached == pauses
    return [
        Row(
            f"a burst of {count} presses: none lost, none doubled",
            "exact",
            f"{with_answers.total()} of {sent.total()} answered, {reached} of {pauses} play/pause at the player",
            is_exact,
        ),
        Row("  the room in the end is the last press'", "it is", f"{got or 'off'}", got == wanted),
        Row("  other rooms started after the last press", "≤ 1", f"{len(late)}", len(late) <= 1),
        Row("  rooms started at all", "", f"{len(plays)}"),
        Row("  published in / obeyed in", "", f"{published_s:.2f} s / {obeyed_s:.2f} s"),
    ]


def _reached(house: House, since: int) -> int:
    calls = [(each.method, each.path.rpartition("/")[2], each.room) for each in house.arrivals[since:]]
    return sum(method == "PUT" and name in ("pause", "play") and room is None for method, name, room in calls)


async def many_rooms(folder: Path, port: int, count: int) -> list[Row]:
    """A hub with so many rooms says hello, and once more when Home Assistant was born."""
    rooms = {f"room-{number}": {"name": f"Room {number}"} for number in range(count)}
    async with household(folder, port, rooms=rooms) as house:

        def devices(heard: int = 0) -> dict[str, tuple[float, bytes]]:
            found = [each for each in house.heard[heard:] if each[1].startswith("homeassistant/device/") and each[2]]
            return {topic: (at_s, payload) for at_s, topic, payload in reversed(found)}

        await eventually(lambda: len(devices()) > count, "all devices")
        first_s = next(each[0] for each in house.heard if each[1].startswith(("moodroom/", "homeassistant/")))
        took_s = max(at_s for at_s, _ in devices().values()) - first_s
        size = sum(len(payload) for _, payload in devices().values())
        await asyncio.sleep(REPEATED_S)
        heard, born_s = len(house.heard), time.perf_counter()
        await house.publish("homeassistant/status", "online")
        await eventually(lambda: len(devices(heard)) > count, "all devices again")
        again_s = max(at_s for at_s, _ in devices(heard).values()) - born_s
        bare_s = await _bare(port, [(f"bare/{topic}", payload) for topic, (_, payload) in devices().items()])
    return [
        Row(f"{count} rooms announced in one go", "≤ 2 s", f"{took_s:.2f} s ({size / 1024:.0f} kB)", took_s <= 2),
        Row("  from Home Assistant's birth, ≤ 1 s on purpose", "≤ 2 s", f"{again_s:.2f} s", again_s <= 2),
        Row("  baseline: a bare client, the same messages", "", f"{bare_s:.2f} s"),
    ]


async def _bare(port: int, messages: list[tuple[str, bytes]]) -> float:
    async with aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000) as sender:
        sender.pending_calls_threshold = 100_000
        began_s = time.perf_counter()
        await asyncio.gather(*(sender.publish(topic, payload, qos=1, retain=True) for topic, payload in messages))
        return time.perf_counter() - began_s


async def measure(samples: int, presses: int, rooms: int, seed: int) -> list[Row]:
    """All figures."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="moodroom-switch-") as name:
        root = Path(name)
        for part in ("home", "many"):
            (root / part).mkdir()
        async with broker(root / "home") as port, household(root / "home", port) as house:
            await settle_in(house)
            await eventually(lambda: any(each[1] == "moodroom/bridge/state" for each in house.heard), "the bridge")
            rows += await switches(house, samples)
            rows += await burst(house, presses, seed)
        async with broker(root / "many") as port:
            rows += await many_rooms(root / "many", port, rooms)
    return rows


def main() -> int:
    """Measure, and say so."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="a few of each")
    parser.add_argument("--samples", type=int, default=40, help="switches on each way")
    parser.add_argument("--presses", type=int, default=1_000, help="presses of the burst")
    parser.add_argument("--rooms", type=int, default=200, help="rooms that are announced in one go")
    parser.add_argument("--seed", type=int, default=1, help="which presses")
    given = parser.parse_args()
    began_s = time.monotonic()
    if given.smoke:
        rows = asyncio.run(measure(3, 60, 20, given.seed))
    else:
        rows = asyncio.run(measure(given.samples, given.presses, given.rooms, given.seed))
    show(rows)
    print(f"\nmachine: {machine()}")
    print(f"measured in {time.monotonic() - began_s:.0f} s" + (" (smoke: proves nothing)" if given.smoke else ""))
    return 1 if any(row.is_met is False for row in rows) and not given.smoke else 0


if __name__ == "__main__":
    sys.exit(main())
