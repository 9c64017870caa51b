"""The sorter over HTTP: what it knows, what it is told, what it does."""

from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import SorterJob, SorterJobStatus
from tests.plugins.sorter.fake_sorter import CALM, PARTY, TECHNO, FakeSorter, layer, song
from tests.plugins.status_page.conftest import Site

HOSTILE = "<script>alert(1)</script>\x1b[2J\ud800"


@pytest.fixture
def sorter(site: Site) -> FakeSorter:
    """A mutual layer, and one in which songs may lie in several lists."""
    made = FakeSorter(layer(), layer("moods", "Moods", is_mutual=False, is_complete=True))
    site.hub.the_sorter = made
    return made


async def told(site: Site, path: str, order: dict[str, Any] | None = None, status: int = 200) -> Any:
    """The answer's JSON."""
    answer = await (site.get(path) if order is None else site.post(path, json=order))
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_a_hub_without_a_sorter_says_so_on_every_call(site: Site) -> None:
    for path in ("/api/sorter", "/api/sorter/job", "/api/sorter/energy/question"):
        assert "plugins.sorter" in (await told(site, path, status=404))["error"]["message"]
    assert (await told(site, "/api/sorter/train", {}, 404))["error"]["code"] == "not_found"


async def test_layers_are_told_with_their_work(site: Site, sorter: FakeSorter) -> None:
    found = await told(site, "/api/sorter")
    energy, moods = found["layers"]
    assert (energy["mutual"], energy["complete"], moods["mutual"], moods["complete"]) == (True, False, False, True)
    assert energy["motherlist"] == {"kind": "liked", "playlist": None, "layer": None, "sublist": None}
    assert energy["version"]["at"] == "2025-11-21T04:40:00.000Z"
    assert [each["name"] for each in energy["sublists"]] == ["Techno", "Calm", "Party"]
    assert found["job"]["status"] == "idle"


async def test_a_song_is_asked_answered_skipped_and_taken_back(site: Site, sorter: FakeSorter) -> None:
    asked = await told(site, "/api/sorter/energy/question")
    first = asked["song"]["uri"]
    assert [each["chance"] for each in asked["chances"]] == [0.5, 0.3, 0.1]
    assert asked["progress"]["accuracy"] is None
    after = await told(site, "/api/sorter/energy/answer", {"uri": first, "sublists": ["calm", "calm"]})
    assert after["last"] == {
        "uri": first, "name": "Song 1", "sublists": ["calm"], "origin": "asked", "at": "2025-11-21T04:40:00.000Z",
    }  # fmt: skip
    skipped = await told(site, "/api/sorter/energy/skip", {"uri": after["song"]["uri"]})
    assert skipped["song"]["name"] == "Song 3"
    again = await told(site, "/api/sorter/energy/take_back", {})
    assert (again["song"]["uri"], again["last"]) == (first, None)
    assert sorter.calls == [
        ("answer", "energy", first, (CALM,)),
        ("skip", "energy", song(2).uri),
        ("take_back", "energy"),
    ]


async def test_several_lists_only_where_the_layer_allows_it(site: Site, sorter: FakeSorter) -> None:
    order = {"uri": song(1).uri, "sublists": [TECHNO, PARTY]}
    assert (await told(site, "/api/sorter/moods/answer", order))["last"]["sublists"] == [PARTY, TECHNO]
    assert "exactly one" in (await told(site, "/api/sorter/energy/answer", order, 400))["error"]["message"]
    none = {"uri": song(1).uri, "sublists": []}
    assert (await told(site, "/api/sorter/energy/move", none))["standing"] == "said"
    assert (await told(site, "/api/sorter/moods/move", none, 400))["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("energy/answer", {}, 400), ("energy/answer", {"uri": 1, "sublists": []}, 400),
        ("energy/answer", {"uri": "x", "sublists": "calm"}, 400), ("energy/skip", {"uri": "a\u0000"}, 400),
        ("nowhere/skip", {"uri": "x"}, 404), ("energy/skip", {"uri": "x"}, 404), ("train", {"layer": "no"}, 404),
        ("rollback", {"force": "yes"}, 400), ("energy/take_back", {"all": True}, 400),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_refused(
    site: Site, sorter: FakeSorter, path: str, order: dict[str, Any], status: int
) -> None:
    answer = await site.post(f"/api/sorter/{path}", json=order)
    assert answer.status == status
    assert not any(sorter.said.values())


async def test_places_are_told_all_or_as_they_stand(site: Site, sorter: FakeSorter) -> None:
    assert len((await told(site, "/api/sorter/energy/places"))["places"]) == 6
    doubtful = (await told(site, "/api/sorter/energy/places?standing=doubtful"))["places"]
    assert [each["song"]["name"] for each in doubtful] == ["Song 2", "Song 4", "Song 6"]
    assert doubtful[0]["likely"] == ["techno", "calm"]
    await told(site, "/api/sorter/energy/places?standing=whatever", status=400)


async def test_work_is_begun_watched_and_stopped(site: Site, sorter: FakeSorter) -> None:
    sorter.ends = False
    begun = await told(site, "/api/sorter/apply", {"layer": "energy"})
    assert (begun["status"], begun["what"], begun["done"], begun["total"]) == ("running", "apply", 3, 6)
    assert (await told(site, "/api/sorter/train", {}, 409))["error"]["code"] == "conflict"
    assert (await told(site, "/api/sorter/job"))["status"] == "running"
    assert (await told(site, "/api/sorter/cancel", {}))["status"] == "cancelled"
    await told(site, "/api/sorter/rollback", {"force": True})
    assert sorter.calls[-1] == ("rollback", None, True)


async def test_what_fails_keeps_its_code_and_its_mend(site: Site, sorter: FakeSorter) -> None:
    mend = "install it: pip install 'moodroom-hub[sorter]'"
    sorter.trouble = Trouble(TroubleCode.UNAVAILABLE, mend)
    failed = await told(site, "/api/sorter/train", {}, 503)
    assert failed["error"] == {"code": "unavailable", "message": mend}
    sorter.view = SorterJob(SorterJobStatus.FAILED, "train", error="out of memory")
    assert (await told(site, "/api/sorter/job"))["error"] == "out of memory"


async def test_preview_and_history_are_told(site: Site, sorter: FakeSorter) -> None:
    sorter.songs[0] = song(1, HOSTILE)
    preview = await told(site, "/api/sorter/energy/preview")
    assert preview["counts"] == {"said": 0, "sure": 3, "doubtful": 3, "void": 0}
    assert preview["changes"][0]["added"][0]["song"]["name"] == HOSTILE[:-1] + "\ufffd"
    assert preview["changes"][0]["added"][0]["why"] == "heard beside Techno"
    versions = (await told(site, "/api/sorter/energy/history"))["versions"]
    assert versions[0]["scores"][1] == {"model": "mlp", "accuracy": 0.7}
