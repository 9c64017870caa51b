"""What a browser gets: a page that works without JavaScript, and on which no title is ever more than text."""

import asyncio
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import BatchTrack, BatchView, Quiet
from moodroom_hub.core.ports import LoginState, LoginStatus
from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EndInterval,
    LedgerStatus,
    Palette,
    Room,
    RoomSlug,
    Verdict,
    VerdictKind,
)
from moodroom_hub.plugins.status_page.pages import minutes, visible
from moodroom_hub.plugins.status_page.palettes import palette_css
from tests.plugins.status_page import icons
from tests.plugins.status_page.conftest import HTML, OpenSite, Site
from tests.plugins.status_page.fake_hub import LATE_NIGHT, track

VOID = {"meta", "link", "img", "input", "br"}
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}{% raw %}", "%s %(name)s {0} {name}",
    "\x1b[31mred\x1b[0m\x07", "\u202eevil\u2066", "x" * 10_000, "javascript:alert(1)", "a\x00b", "&lt;b&gt; & 'q' `t`",
    "\ud800", "]]><!-- -->", "line\nline\r\n", "${jndi:x}",
]  # fmt: skip


class Page(HTMLParser):
    """A page read strictly: its tags in order, and a check that they close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """The words of the page, spaces made one."""
        return " ".join(" ".join(self.words).split())

    def forms(self) -> list[str]:
        """Where each form goes."""
        return [str(attributes["action"]) for tag, attributes in self.tags if tag == "form"]


async def open_page(site: Site, path: str = "/") -> Page:
    """The page, read."""
    answer = await site.get(path, headers=HTML)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(await answer.text())


def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """The page's skeleton: tags with the names of their attributes."""
    return [(tag, tuple(attributes)) for tag, attributes in page.tags]


async def test_the_page_shows_everything(site: Site) -> None:
    site.hub.add_receipts(2)
    await site.hub.undo(1)
    await site.hub.activate(LATE_NIGHT)
    site.hub.troubles = (Quiet("rate_limited", "Spotify asks us to wait 41 s"),)
    page = await open_page(site)
    for words in (
        "Song 1 by Artist 1", "CONF", "0:12 of 3:20", "next skip would → move it to SAFE",
        "Spotify asks us to wait 41 s",
        "Late Night", "5 · 4 · 1", "5 confirmed, 4 on the safe side, 1 discoveries",
        "skipped at 0:12", "undone", "mqtt", "away", "150 days left",
    ):  # fmt: skip
        assert words in page.text, words
    assert page.forms() == [
        "/player/pause", "/player/next", "/player/never_again", "/learning", "/learning",
        "/rooms/late-night/activate", "/rooms/house/activate", "/rooms/off",
        "/receipts/3/undo", "/receipts/2/undo",
    ]  # fmt: skip
    body = next(attributes for tag, attributes in page.tags if tag == "body")
    assert body["data-room"] == "late-night"
    threshold = next(attributes for tag, attributes in page.tags if attributes.get("class") == "threshold")
    assert threshold["x"] == "30000"


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        ("first skip · at 0:02 of 3:30 · CONFIRMED → SAFE_SIDE", "first skip · at 0:02 of 3:30"),
        ("by hand · not in the pool → DISCOVERY", "by hand"),
        ("undo of receipt 3 · SAFE_SIDE → not in the pool", "undo of receipt 3"),
        ("CONFIRMED, not queued lately", "not queued lately"),
        ("liked on Spotify", "liked on Spotify"),
        ("CONFIRMED → SAFE_SIDE", ""),
        ("CONFIRMED", ""),
        ("", ""),
    ],
)
async def test_a_reason_repeats_no_badge(site: Site, why: str, shown: str) -> None:
    site.hub.add_receipts(1)
    site.hub.receipt_list[0] = replace(site.hub.receipt_list[0], why=why)
    answer = await site.get("/", headers=HTML)
    receipts = (await answer.text()).partition('id="receipts"')[2].partition("</section>")[0]
    assert re.findall('<span class="why">(.*?)</span>', receipts) == ([shown] if shown else [])


async def test_nothing_is_inline_and_everything_is_our_own(site: Site) -> None:
    await site.hub.activate(LATE_NIGHT)
    page = await open_page(site)
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert tag != "style"
        for name in ("src", "href"):
            where = attributes.get(name) or "/"
            assert where.startswith(("/", "#")) or (tag, where) == ("img", "https://images.example/1.jpg")
            if where.startswith(("/static/", "/palettes")):
                assert (await site.get(where)).status == 200


async def test_nothing_plays_and_learning_is_off(site: Site) -> None:
    await site.hub.set_learning(False, DurationMs(3_600_000))
    site.hub.account.state = LoginState(LoginStatus.NEEDED, None, "log in again: the login is six months old")
    page = await open_page(site)
    assert "Nothing plays." in page.text
    assert "Learning is off" in page.text
    assert "until 2025-11-21 05:40 UTC" in page.text
    assert "log in again: the login is six months old" in page.text


@pytest.mark.parametrize("title", HOSTILE)
async def test_titles_are_inert(site: Site, title: str) -> None:
    async def fill(name: str) -> None:
        site.hub.receipt_list.clear()
        site.hub.add_receipts(1, name)
        await site.hub.activate(LATE_NIGHT)
        site.hub.play_track(track(1, name))
        site.hub.troubles = (Quiet("no_device", name),)
        site.hub.add_room(Room(RoomSlug("odd"), name, name))

    await fill("plain")
    expected = shape(await open_page(site))
    await fill(title)
    page = await open_page(site)
    assert shape(page) == expected
    assert "\x1b" not in page.text
    assert "\x00" not in page.text
    assert visible(title).split() == [] or " ".join(visible(title).split()) in page.text
    state = await (await site.get("/api/state")).json()
    assert state["now_playing"]["name"] == title.replace("\ud800", "\ufffd")


async def test_an_artwork_is_shown_only_over_https(site: Site) -> None:
    for address in (
        "javascript:alert(1)",
        "http://tracker.example/x.png",
        "data:image/svg+xml,<svg>",
        "//evil.example/x",
    ):
        site.hub.play_track(replace(track(1), artwork_url=address))
        page = await open_page(site)
        assert all(tag != "img" for tag, _ in page.tags)


def test_visible_and_minutes() -> None:
    assert visible("a" * 500) == "a" * 200 + "…"
    assert visible("\x1b[1m\x9bx") == "\ufffd[1m\ufffdx"
    assert [minutes(ms) for ms in (None, 0, 59_999, 60_000, 3_600_000, -5)] == [
        "",
        "0:00",
        "0:59",
        "1:00",
        "60:00",
        "0:00",
    ]


FORMS: list[tuple[str, dict[str, str], tuple[Any, ...]]] = [
    ("/rooms/house/activate", {}, ("activate", "house", None)),
    ("/rooms/off", {}, ("rooms_off", None)),
    ("/player/play", {}, ("play", None)),
    ("/player/pause", {}, ("pause", None)),
    ("/player/next", {"uri": "spotify:track:x"}, ("next", "spotify:track:x", None)),
    ("/player/next", {"uri": ""}, ("next", None, None)),
    ("/player/never_again", {"uri": "spotify:track:x"}, ("never_again", "spotify:track:x", None)),
    ("/learning", {"enabled": "false", "for": "3h"}, ("set_learning", False, 10_800_000)),
    ("/learning", {"enabled": "true", "for": ""}, ("set_learning", True, None)),
    ("/receipts/1/undo", {}, ("undo", 1)),
]


@pytest.mark.parametrize(("path", "fields", "call"), FORMS)
async def test_plain_forms_work_and_lead_back(
    site: Site, path: str, fields: dict[str, str], call: tuple[Any, ...]
) -> None:
    site.hub.add_receipts(1)
    answer = await site.post(path, data=fields, headers=HTML)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert site.hub.calls == [call]


async def test_an_address_pasted_into_the_page(site: Site) -> None:
    for code, lands_on in (("good", "/"), ("bad", "/?problem=")):
        answer = await site.post("/login/paste", data={"url": f" http://127.0.0.1/callback?code={code} "}, headers=HTML)
        assert answer.status == 303
        assert answer.headers["Location"].startswith(lands_on)
    assert site.hub.account.answers == [f"http://127.0.0.1/callback?code={code}" for code in ("good", "bad")]
    assert (await site.post("/login/paste", data={}, headers=HTML)).status == 400


@pytest.mark.parametrize(("path", "fields", "call"), FORMS)
async def test_a_form_that_failed_says_why(
    site: Site, path: str, fields: dict[str, str], call: tuple[Any, ...]
) -> None:
    site.hub.add_receipts(1)
    site.hub.fail[call[0]] = Trouble(TroubleCode.NO_DEVICE, "open <Spotify> on a device")
    answer = await site.post(path, data=fields, headers=HTML)
    assert answer.status == 303
    where = answer.headers["Location"]
    assert where.startswith("/?problem=")
    assert "Spotify" not in where
    assert "open <Spotify> on a device" in (await open_page(site, where)).text
    assert "open <Spotify> on a device" not in (await open_page(site, where)).text


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/rooms/disco/activate", {}, 404), ("/receipts/x/undo", {}, 404), ("/learning", {}, 400),
        ("/nothing", {}, 404),
        ("/learning", {"enabled": "maybe"}, 400), ("/learning", {"enabled": "false", "for": "soon"}, 400),
    ],
)  # fmt: skip
async def test_a_wrong_form_gets_a_page(site: Site, path: str, fields: dict[str, str], status: int) -> None:
    answer = await site.post(path, data=fields, headers=HTML)
    assert answer.status == status
    assert "That did not work" in Page(await answer.text()).text


async def test_the_colours_of_the_rooms(site: Site) -> None:
    css = await (await site.client.get(site.url + "/palettes.css")).text()
    dark, _, light = css.partition("@media (prefers-color-scheme: light)")
    assert '[data-room="late-night"] { --room-accent: #8b7cf6;' in dark
    assert "--room-from: #0b0a1f; --room-to: #1c1240;" in dark
    assert [part.count(f'[data-room="{slug}"]') for part in (dark, light) for slug in ("", "late-night", "house")] == [
        1
    ] * 6
    assert "--room-blob-3: #2b2a72;" in css


def test_a_stylesheet_holds_nothing_but_colours() -> None:
    palette = Palette("red; } body { display: none", "#00000g", "#abcdef", ("url(//evil)", "#12", "#123456"))
    slug = RoomSlug('x"] { } </style>\n')
    css = palette_css({slug: Room(slug, "X", palette=palette)})
    rule = re.compile(
        r'\[data-room="(?:[a-z0-9_-]|\\[0-9a-f]+ )*"\] \{ (?:--room-[a-z]+(?:-[1-3])?: #[0-9a-f]{6}; ){9}\}\n'
    )
    rest = rule.sub("", css)
    assert rest == "@media (prefers-color-scheme: light) {\n}\n"
    assert "<" not in css


async def test_static_files_know_when_they_are_known(site: Site) -> None:
    first = await site.get("/static/app.js")
    assert first.content_type == "text/javascript"
    again = await site.get("/static/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


async def test_what_is_versioned_is_kept_for_ever_and_packed(site: Site) -> None:
    page = await open_page(site)
    styles = [str(attributes["href"]) for tag, attributes in page.tags if tag == "link"]
    address = next(each for each in styles if each.startswith("/static/style.css?v="))
    plain = await site.client.get(site.url + address, headers={"Accept-Encoding": "identity"})
    packed = await site.client.get(site.url + address, headers={"Accept-Encoding": "gzip, br"})
    assert "immutable" in packed.headers["Cache-Control"]
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert await plain.read() == await packed.read()
    assert "Content-Encoding" not in plain.headers
    for stale in ("/static/style.css", "/static/style.css?v=old"):
        assert (await site.get(stale)).headers["Cache-Control"] == "no-cache"
    page_itself = await site.get("/", headers={**HTML, "Accept-Encoding": "gzip"})
    assert page_itself.headers["Content-Encoding"] == "gzip"
    assert page_itself.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("size", icons.SIZES)
async def test_icons_are_as_they_are_drawn(site: Site, size: int) -> None:
    answer = await site.client.get(f"{site.url}/static/icon-{size}.png")
    assert answer.content_type == "image/png"
    served = await answer.read()
    assert served[16:24] == struct.pack(">II", size, size)
    assert icons.decoded(served) == icons.decoded(icons.icon(size))


async def test_a_cover_lies_behind_the_page_only_where_that_was_asked_for(open_site: OpenSite) -> None:
    for config, count in (({}, 1), ({"backdrop": True}, 2)):
        site = await open_site(config)
        site.hub.play_track(track(1))
        page = await open_page(site)
        assert sum(tag == "img" for tag, _ in page.tags) == count


async def test_a_manifest_says_what_was_said_and_heard(site: Site) -> None:
    await site.hub.activate(LATE_NIGHT)
    end = EndInterval(DurationMs(11_000), DurationMs(12_000), DurationMs(13_000))

    def gone(number: int, status: LedgerStatus, kind: VerdictKind | None) -> BatchTrack:
        verdict = None if kind is None else Verdict(kind, Cause.LISTENER, end, is_sure=True)
        entry = replace(site.hub.drawn.tracks[0].entry, id=100 + number, status=status, why="CONFIRMED, an odd one")
        return BatchTrack(number, entry, verdict)

    passed = (
        gone(1, LedgerStatus.PLAYED, VerdictKind.COMPLETED),
        gone(2, LedgerStatus.PLAYED, VerdictKind.SKIPPED),
        gone(3, LedgerStatus.JUMPED, None),
        gone(4, LedgerStatus.MISSING, None),
        gone(5, LedgerStatus.PLAYED, VerdictKind.PARTIAL),
        gone(6, LedgerStatus.PLAYED, None),
    )
    ahead = tuple(replace(each, number=each.number + 6) for each in site.hub.drawn.tracks)
    site.hub.drawn = BatchView(LATE_NIGHT, passed + ahead, earlier=20)
    page = await open_page(site)
    for words in (
        "23 earlier", "heard to the end", "skipped at 0:12", "jumped over", "never reached the player", "gone by",
        "heard until 0:12", "where nothing else is said: drawn.",
    ):  # fmt: skip
        assert words in page.text, words
    told = await (await site.get("/api/batch")).json()
    assert (told["room"], told["earlier"], len(told["tracks"])) == ("late-night", 20, 16)
    assert (told["tracks"][1]["verdict"], told["tracks"][1]["heard_ms"]) == ("SKIPPED", 12_000)


async def test_many_pages_that_ask_at_once_share_one_answer(site: Site) -> None:
    await site.hub.activate(LATE_NIGHT)
    asks = {**HTML, "X-Refresh": "1"}

    async def ask() -> str:
        return await (await site.get("/", headers=asks)).text()

    site.hub.calls.clear()
    first, *others = await asyncio.gather(*(ask() for _ in range(20)))
    assert set(others) == {first}
    assert site.hub.calls.count(("batch", None)) == 1
    await site.post("/api/learning", json={"enabled": False})  # what no event tells is seen at once
    assert "Learning is off" in await ask()
    # A person who opens the page is shown the very moment; so is whoever has done something.
    site.hub.calls.clear()
    await open_page(site)
    assert ("batch", None) in site.hub.calls


async def test_login_goes_to_the_service(site: Site) -> None:
    answer = await site.get("/login", headers=HTML)
    assert answer.status == 302
    assert answer.headers["Location"] == "https://accounts.example/authorize?client_id=abc&state=s%20t&scope=a+b"
    assert site.hub.account.redirect_uri == f"http://127.0.0.1:{site.port}/callback"


@pytest.mark.parametrize(
    ("base_url", "redirect_uri"),
    [
        ("https://hub.example/", "https://hub.example/callback"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/callback"),
        ("http://hub.lan:7777", None),
    ],
)
async def test_the_service_is_told_an_address_that_it_takes(
    open_site: OpenSite, base_url: str, redirect_uri: str | None
) -> None:
    site = await open_site(base_url=base_url)
    await site.get("/login")
    assert site.hub.account.redirect_uri == (redirect_uri or f"http://127.0.0.1:{site.port}/callback")


async def test_login_without_configuration_says_the_mend(site: Site) -> None:
    site.hub.account.is_configured = False
    answer = await site.get("/login", headers=HTML)
    assert answer.status == 400
    assert "set plugins.spotify.client_id" in Page(await answer.text()).text
    assert (await site.get("/login?account=Tidal", headers=HTML)).status == 404


async def test_callback_finishes_the_login(site: Site) -> None:
    answer = await site.get("/callback?code=good&state=a%20b", headers=HTML)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert site.hub.account.answers == [f"http://127.0.0.1:{site.port}/callback?code=good&state=a%20b"]
    refused = await site.get("/callback?error=access_denied", headers=HTML)
    assert refused.status == 400
    assert "begin again at /login" in Page(await refused.text()).text


async def test_callback_under_a_password_leads_in_without_a_cookie(open_site: OpenSite) -> None:
    site = await open_site(password="secret")
    answer = await site.get("/callback?code=good&state=x", headers=HTML)
    assert answer.status == 200
    assert ("meta", {"http-equiv": "refresh", "content": "0; url=/"}) in Page(await answer.text()).tags


async def test_a_pasted_address_finishes_the_login(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    url = "http://127.0.0.1:7777/callback?code=good&state=x"
    answer = await site.post("/api/login/paste", json={"url": f" {url[:30]}\r\n{url[30:]}\n"})
    assert await answer.json() == {"login": {"status": "ok", "days_left": 150}}
    assert site.hub.account.answers == [url]
    refused = await site.post("/api/login/paste", json={"url": "http://127.0.0.1/?code=bad"})
    assert refused.status == 400
    assert "code=" not in caplog.text
