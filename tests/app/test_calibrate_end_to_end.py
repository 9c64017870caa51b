"""Calibration and audit on real data with a real file, while no hub runs; only the miner is made up."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moodroom_hub.core.config import load_config
from moodroom_hub.core.offline import offline_hub
from moodroom_hub.core.ports import LikedTrack
from moodroom_hub.domain.models import Track, Uri
from tests.app import band_miner
from tests.app.conftest import URI, Home
from tests.app.person import Types, typing_person

CONFIG = """\
rooms:
  house:   # four to the floor
    anchors: [{name: One More Time, artist: Daft Punk}]
    avoid: []
    description: |
      warm
      and slow
  rage:
"""
SONGS = {1: ("One More Time", "Daft Punk"), 2: ("Around", "Daft Punk"), 3: ("Latch", "Disclosure"), 4: ("Fe", "Scott")}


@pytest.fixture
def house(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with four liked songs, the made-up miner installed, and the library mined once."""
    info = tmp_path / "site" / "band_miner-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: band-miner\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[moodroom_hub]\nband = tests.app.band_miner\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    band_miner.ASKED.clear()
    home.configure(CONFIG)

    async def like() -> None:
        async with offline_hub(load_config(home.config, {}), builtins=(), is_reading=False) as hub:
            day = datetime(2026, 1, 1, tzinfo=UTC)
            await hub.store.put_liked(
                [LikedTrack(Track(Uri(URI.format(at)), name, (by,)), day) for at, (name, by) in SONGS.items()]
            )

    asyncio.run(like())
    assert home.run("mine", "--room", "house", "--miner", "band", "--json").code == 0
    return home


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody sits there, until somebody types."""
    return typing_person(monkeypatch)


def in_room(home: Home) -> dict[str, str]:
    """The songs of House and their tiers."""
    tiers = json.loads(home.run("rooms", "show", "house", "--json").out)["tiers"]
    return {track["name"]: tier for tier, tracks in tiers.items() for track in tracks}


def test_a_round_at_a_terminal_from_the_question_to_the_file(house: Home, types: Types) -> None:
    assert in_room(house) == {"One More Time": "CONFIRMED", "Around": "CONFIRMED"}
    before = house.config.read_text(encoding="utf-8")
    types("v", "like robots", "y", "n")
    ran = house.run("rooms", "calibrate", "house", "--miner", "band")
    assert (ran.code, ran.err.count("error")) == (0, 0), ran
    assert in_room(house) == {"One More Time": "CONFIRMED", "Around": "REMOVED"}
    after = house.config.read_text(encoding="utf-8")
    assert after == before.replace("avoid: []", "avoid: [like robots]")
    assert (house.folder / "config.yaml.bak").read_text(encoding="utf-8") == before
    receipt = json.loads(house.run("receipts", "list", "--json").out)["receipts"][0]
    assert (receipt["name"], receipt["after"]) == ("Around", "REMOVED")
    assert f"receipts undo {receipt['id']}" in ran.out
    assert f"Written: {house.config}" in ran.out


def test_what_was_dropped_stays_out_whatever_a_later_mining_says(house: Home) -> None:
    house.run("rooms", "calibrate", "house", "--drop", URI.format(2), "--miner", "band", "--yes")
    house.run("mine", "--room", "house", "--miner", "band")
    assert in_room(house)["Around"] == "REMOVED"


def test_what_was_kept_is_not_asked_about_again_and_stays_whatever_becomes_of_the_words(house: Home) -> None:
    house.run("rooms", "calibrate", "house", "--keep", URI.format(2), "--miner", "band", "--yes")
    assert json.loads(house.run("rooms", "calibrate", "house", "--json").out)["sample"] == []
    house.configure(CONFIG.replace("name: One More Time, artist: Daft Punk", "name: Latch, artist: Disclosure"))
    house.run("mine", "--room", "house", "--miner", "band")
    assert in_room(house) == {"Latch": "CONFIRMED", "Around": "CONFIRMED"}


def test_a_new_anchor_brings_its_like(house: Home, types: Types) -> None:
    house.run("pool", "import", str(_pool(house, f"house,SAFE_SIDE,Latch,Disclosure,{URI.format(3)},")))
    types("a", "q", "y", "n")
    ran = house.run("rooms", "calibrate", "house", "--sample", "1", "--miner", "band")
    assert ran.code == 0, ran
    assert in_room(house)["Latch"] == "SAFE_SIDE"
    words = load_config(house.config, {}).settings.rooms["house"]
    assert len(words.anchors) == 2


def test_who_says_no_has_changed_nothing(house: Home, types: Types) -> None:
    before, pool = house.config.read_text(encoding="utf-8"), in_room(house)
    for answers in (("d", "n", "n"), ("d",), ("q",), (), ("d", "u", "q")):
        types(*answers)
        house.run("rooms", "calibrate", "house", "--miner", "band")
        assert house.config.read_text(encoding="utf-8") == before
        assert in_room(house) == pool
    assert house.run("rooms", "calibrate", "house", "--description", "deep", "--miner", "band").code == 1
    assert house.config.read_text(encoding="utf-8") == before
    assert json.loads(house.run("receipts", "list", "--json").out)["receipts"] == []


def test_without_a_person_by_options(house: Home) -> None:
    shown = json.loads(house.run("rooms", "calibrate", "house", "--json").out)
    assert [each["name"] for each in shown["sample"]] == ["Around"]
    ran = house.run(
        *("rooms", "calibrate", "House", "--miner", "band", "--yes", "--json", "--description", "deep\nand low"),
        *("--keep", URI.format(2), "--avoid", "drops"),
    )
    answer = json.loads(ran.out)
    assert (ran.code, answer["applied"], answer["dropped"]) == (0, True, [])
    assert answer["definition"]["after"]["description"] == "deep and low"
    room = load_config(house.config, {}).settings.rooms["house"]
    assert (room.description, room.avoid) == ("deep and low", ("drops",))
    assert "# four to the floor" in house.config.read_text(encoding="utf-8")


def test_a_configuration_that_cannot_be_rewritten_changes_no_pool(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = in_room(house)
    monkeypatch.setenv("MOODROOM_ROOMS__HOUSE__AVOID", "drops")
    ran = house.run(
        *("rooms", "calibrate", "house", "--miner", "band", "--yes"), *("--avoid", "x", "--drop", URI.format(2))
    )
    assert (ran.code, "MOODROOM_ROOMS__HOUSE__AVOID" in ran.err) == (1, True), ran
    assert in_room(house) == pool


def test_an_audit_one_by_one_and_what_was_kept_is_not_flagged_again(house: Home, types: Types) -> None:
    rows = [f"house,CONFIRMED,{name},{by},{URI.format(at)}," for at, (name, by) in SONGS.items()]
    house.run("pool", "import", str(_pool(house, *rows)))
    listed = house.run("rooms", "audit", "house", "--miner", "band")
    assert (listed.code, "no band of the room" in listed.out, "--apply" in listed.err) == (0, True, True)
    types("x", "r", "")
    ran = house.run("rooms", "audit", "house", "--miner", "band")
    assert (ran.code, "1 removed, 1 kept." in ran.out) == (0, True), ran
    assert sorted(in_room(house).values()) == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "REMOVED"]
    receipt = json.loads(house.run("receipts", "list", "--json").out)["receipts"][0]
    assert receipt["why"].startswith("audit: no band of the room")
    again = house.run("rooms", "audit", "house", "--miner", "band", "--json")
    assert json.loads(again.out)["misfits"] == []
    thorough = json.loads(house.run("rooms", "audit", "house", "--miner", "band", "--all", "--apply", "--json").out)
    assert len(thorough["misfits"]) == len(thorough["removed"]) == 1
    assert house.run("receipts", "undo", str(thorough["removed"][0]["id"])).code == 0
    assert sorted(in_room(house).values()).count("REMOVED") == 1


def test_money_is_asked_for_before_it_is_spent(house: Home, types: Types) -> None:
    house.configure(f"{CONFIG}plugins: {{band: {{paid: true}}}}\n")
    asked = len(band_miner.ASKED)
    ran = house.run("rooms", "audit", "house", "--miner", "band")
    assert (ran.code, "--yes" in ran.err) == (1, True)
    types("n")
    ran = house.run("rooms", "audit", "house", "--miner", "band")
    assert (ran.code, "$0.50" in ran.err, "nothing was changed" in ran.out) == (0, True, True)
    types("d", "n", "n")
    assert house.run("rooms", "calibrate", "house", "--miner", "band").code == 0
    assert len(band_miner.ASKED) == asked
    assert house.run("rooms", "audit", "house", "--miner", "band", "--yes").code == 0
    assert len(band_miner.ASKED) == asked + 1


def _pool(home: Home, *rows: str) -> Path:
    file = home.folder / "pool.csv"
    file.write_text("\n".join(["room,tier,name,artist,uri,isrc", *rows]) + "\n", encoding="utf-8")
    return file
