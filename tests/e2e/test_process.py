"""The hub as a process: it ends in peace, comes back after the worst, and refuses what would harm."""

import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, mixed_pool, songs
from tests.e2e.wire import ask

AUDIBLE_S = 1.8


def children(pid: int) -> list[str]:
    """The process' own children, where the system tells."""
    told = [Path(f"/proc/{pid}/task/{task.name}/children") for task in Path(f"/proc/{pid}/task").iterdir()]
    return [child for file in told if file.exists() for child in file.read_text().split()]


def kept(home: House) -> dict[str, Any]:
    """Everything that must outlive a process."""
    state = home.state()
    return {
        "room": state["active_room"],
        "learning": state["learning"],
        "login": state["login"],
        "upcoming": [each["uri"] for each in state["upcoming"]],
        "receipts": home.get("/api/receipts").json(),
        "history": home.get("/api/history").json(),
        "pool": home.get("/api/rooms/house/pool").json(),
    }


def test_a_restart_keeps_everything(house: MakeHouse) -> None:
    items, rows = mixed_pool("house", "Kept")
    home = house(items)
    home.settle_in(rows)
    with home.stream() as events:
        home.done("/api/rooms/house/activate")
        events.until("TRACK_CHANGED")
        time.sleep(AUDIBLE_S)
        home.done("/api/player/next")
        events.until("TOPPED_UP")
        last = events.seen[-1]
        before, playing, token = kept(home), home.state()["now_playing"]["uri"], home.token
        assert before["receipts"]["receipts"]
        assert children(home.process.pid if home.process else 0) == []

        # In peace, although a page is open and a connection does nothing.
        with closing(socket.create_connection(("127.0.0.1", home.port))):
            code, seconds = home.stop()
    assert (code, seconds < 5) == (0, True)
    assert '"message": "stopped"' in home.log.read_text()
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", home.port))
    assert home.world.is_sounding

    home.start()
    eventually(lambda: home.state()["now_playing"], "it sees what plays")
    assert kept(home) == before
    assert home.token == token
    assert home.state()["now_playing"]["uri"] == playing
    assert len(home.queued()) == len(set(home.queued())) == 10
    with home.stream(Last_Event_ID=str(last.id - 1)) as replay:
        assert replay.next() == last
    undone = home.done(f"/api/receipts/{before['receipts']['receipts'][0]['id']}/undo")
    assert undone["receipt"]["kind"] == "UNDO"
    assert [line for line in home.logged() if line["level"] in ("error", "critical")] == []


def test_the_power_goes_in_the_middle(house: MakeHouse) -> None:
    items, rows = mixed_pool("house", "Power")
    home = house(items)
    home.settle_in(rows)
    batch = home.done("/api/rooms/house/activate")["batch"]
    eventually(lambda: len(home.queued()) >= 3, "it hands tracks over")
    home.kill()
    sent = list(home.queued())
    home.start()
    assert home.state()["active_room"] == "house"
    assert home.state()["login"]["status"] == "ok"
    # One may be lost in between, and that one is never sent blindly; all others come exactly once, in order.
    wanted = [track["uri"] for track in batch[1:]]
    eventually(lambda: len(home.queued()) >= 8, "the rest is handed over")
    with home.stream() as events:
        time.sleep(AUDIBLE_S)
        skipped = home.state()["now_playing"]["uri"]
        home.done("/api/player/next", {"uri": skipped})
        receipt = events.until("POOL_CHANGED").data["receipt"]
        events.until("TOPPED_UP")
        home.kill()  # right after a lesson
    assert receipt["uri"] == skipped
    queued = home.queued()
    assert queued[: len(sent)] == sent
    assert len(queued) == len(set(queued))
    assert [uri for uri in wanted if uri in queued] == queued[: len([uri for uri in wanted if uri in queued])]
    home.start()
    assert [each["id"] for each in home.get("/api/receipts").json()["receipts"]] == [receipt["id"]]
    assert [row["uri"] for row in home.get("/api/history").json()["history"]] == [skipped]
    time.sleep(1)
    assert len(home.queued()) == len(set(home.queued()))
    assert home.stop()[0] == 0


def test_what_would_harm_is_refused_in_one_line(house: MakeHouse) -> None:
    home = house(songs("One", 1))
    home.start()

    # Another hub on the same data.
    second = home.run("run")
    errors = [line for line in second.stderr.splitlines() if "Another hub runs here" in line]
    assert (second.returncode, len(errors), "Traceback" in second.stderr) == (1, 1, False)
    assert home.is_alive()

    # A port that is taken.
    other = house()
    other.configure(web={"port": home.port})
    taken = other.run("run")
    errors = [line for line in taken.stderr.splitlines() if line.startswith("error:") and "in use" in line]
    assert (taken.returncode, len(errors), "Traceback" in taken.stderr) == (1, 1, False), taken.stderr
    assert str(home.port) in errors[0]
    assert home.is_alive()

    # A door that stands open.
    other.configure(web={"host": "0.0.0.0"})
    opened = other.run("run")
    assert (opened.returncode, opened.stderr.count("\n")) == (2, 1)
    assert "web.password" in opened.stderr

    # A configuration with faults: all at once, each with its line.
    other.config.write_text("web:\n  port: seven\n  hots: 1\nlistening: {cadence: fast}\n")
    wrong = other.run("run")
    assert wrong.returncode == 2
    assert ["port" in wrong.stderr, "host" in wrong.stderr, "cadence" in wrong.stderr] == [True] * 3
    assert "Traceback" not in wrong.stderr


def test_a_signal_in_the_middle_of_a_command(house: MakeHouse) -> None:
    items = songs("Signal", 12)
    home = house(items)
    home.settle_in(csv_rows("house", "CONFIRMED", items))
    home.done("/api/rooms/house/activate")
    code, seconds = home.stop()
    assert (code, seconds < 5) == (0, True)
    sent = home.queued()
    home.start()
    # What was under way at the end may have arrived or not; it is not sent again, all others are.
    eventually(lambda: len(home.queued()) >= 8, "the rest follows")
    assert home.queued()[: len(sent)] == sent
    assert len(set(home.queued())) == len(home.queued())
    # Ctrl-C ends it as well.
    assert home.process is not None
    home.process.send_signal(signal.SIGINT)
    assert home.process.wait(5) == 0


def test_the_simulated_spotify_stands_alone(house: MakeHouse) -> None:
    home = house()
    with subprocess.Popen(
        home.command("simulate", "--port", str(home.port)), env=home.environment(), stdout=subprocess.DEVNULL
    ) as process:
        eventually(lambda: _answers(home), "it answers")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def _answers(home: House) -> bool:
    try:
        return ask(f"{home.url}/v1/me/player").status == 401
    except OSError:
        return False
