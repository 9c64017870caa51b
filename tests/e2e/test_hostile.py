"""Songs with hostile names: on the page, in the stream, in the log and on the terminal they are only names."""

import re
import time
from html.parser import HTMLParser

from tests.e2e.conftest import MakeHouse
from tests.e2e.house import HEADER, csv_rows, eventually, song

TITLES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>' autofocus onfocus='alert(1)",
    "</title></textarea></style><script src=//evil.example></script>",
    "\x1b[2J\x1b[31mred\x1b]0;owned\x07\x9b31m",
    "Line\r\n\r\nevent: FORGED\r\ndata: {}\r\n\r\nend",
    "data: x\u2028id: 9\u2029retry: 1\x85",
    "\u202egnol si sihT\u202c \u2066\u200f\u2069 \ufeff\u00ad",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7} {0.__class__} %s %(x)s %n %d",
    "Ten kilobytes " + "long" * 2_500,
    "'; DROP TABLE receipts; -- \\ \\u0041 \\x41",
    "../../etc/passwd\x00 ?a=b&c#d moodroom/event/+/#",
    "Zalgo " + "e" + "\u0301" * 60 + " 🏳️‍🌈 ﷽ \U000e0041",
    '=HYPERLINK("http://evil.example")',
    "javascript:alert(1)",
]
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
PARTS_OF_OURS = (
    "/static/app.js", "/static/care.js", "/palettes.css", "/static/style.css", "/static/care.css", "/static/now.css",
    "/static/favicon.svg", "/static/icon-192.png", "/manifest.webmanifest",
)  # fmt: skip


class Page(HTMLParser):
    """What a browser would make of a page: its tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def assert_harmless(page: str) -> None:
    """Nothing on the page acts but what is the page's own."""
    assert "{{" not in page.replace("{{ 7 * 7 }}", "")
    for tag, attributes in Page(page).tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "autofocus")]
        assert tag not in ("iframe", "object", "embed", "style", "base")
        if tag in ("script", "link"):
            part = attributes.get("src") or attributes.get("href") or ""
            assert re.fullmatch(rf"({'|'.join(map(re.escape, PARTS_OF_OURS))})(\?v=[0-9a-f]+)?", part), part
        if tag == "img":
            assert attributes["src"].startswith("https://")
        if tag == "a":
            assert attributes["href"].startswith(("/", "#"))


def test_hostile_names_are_only_names(house: MakeHouse) -> None:
    items = [song(title, f"{title[:200]} Band") for title in TITLES]
    nobody = song("\x1b[31mNo such \u202esong", "<b>Nobody</b>")
    home = house(items)
    home.start()
    home.log_in()
    file = home.folder / "pools.csv"
    unknown = '"late-night","DISCOVERY","' + nobody.name + '","' + nobody.artists[0] + '",\r\n'
    rows = csv_rows("late-night", "CONFIRMED", items)
    file.write_bytes((HEADER + rows + unknown + '"\x1b[5mattic","CONFIRMED","a","b",\r\n').encode())
    ran = home.run("pool", "import", str(file))
    assert ran.returncode == 0, ran.stderr
    imported = sum(home.get("/api/rooms").json()["rooms"][0]["counts"].values())
    assert imported >= len(TITLES) - 2, ran.stderr
    told = [ran.stdout, ran.stderr]

    with home.stream() as events:
        home.done("/api/rooms/late-night/activate")
        events.until("TRACK_CHANGED")
        for _ in range(2):
            time.sleep(1.8)
            home.done("/api/player/next")
            receipt = events.until("POOL_CHANGED").data["receipt"]
            events.until("TOPPED_UP")
        home.done(f"/api/receipts/{receipt['id']}/undo")
        events.until("POOL_CHANGED")
        assert set(events.names()) <= {
            "TRACK_CHANGED", "SKIPPED", "ROOM_ACTIVATED", "POOL_CHANGED", "TOPPED_UP", "PLUGIN_STATUS", "PARTIAL",
        }  # fmt: skip
        last_id = events.seen[-1].id
    with home.stream(Last_Event_ID="0") as replay:
        while replay.next().id < last_id:
            pass
        assert [each.id for each in replay.seen] == sorted(each.id for each in replay.seen)

    state = home.state()
    shown = [state["now_playing"], *state["upcoming"], *state["receipts"]]
    # What plays was read from Spotify, where control characters are replaced; the rest is as it was imported.
    known = {title[:4] for title in TITLES}
    assert {each["name"][:4] for each in shown} <= known | {
        re.sub("[\x00-\x1f\x7f-\x9f]", "\ufffd", each) for each in known
    }
    for path in ("/api/state", "/api/history", "/api/receipts", "/api/rooms/late-night/pool"):
        reply = home.get(path)
        assert (reply.status, reply.body.isascii(), reply.body.count(b"\n")) == (200, True, 0)
    page = home.get("/", Accept="text/html").text
    assert_harmless(page)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    assert len(page) < 200_000
    eventually(lambda: home.get("/metrics").status == 200, "figures")
    assert "Ten kilobytes" not in home.get("/metrics").text

    for command in (
        ("rooms", "show", "late-night"),
        ("receipts", "list"),
    ):
        shown_there = home.run(*command)
        told += [shown_there.stdout, shown_there.stderr]
        assert "Traceback" not in shown_there.stderr
    for text in told:
        assert STEERING.findall(text) == [], ascii(text)

    exported = home.run("pool", "export", "-", "--room", "late-night")
    assert exported.returncode == 0
    again = home.done("/api/pool/import", {"format": "csv", "text": exported.stdout})
    assert again["added"] == 0
    assert home.stop()[0] == 0
    log = home.log.read_bytes()
    assert log.isascii()
    assert home.logged()
    assert b"Traceback" not in log
