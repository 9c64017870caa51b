"""The example file names every key with its default. The real plugins' models are held against it where they live
(``tests/app``), with the same ``differences``; here their documented keys stand in for them."""

from pathlib import Path

import pytest

from moodroom_hub.core.config import Duration, PluginConfig
from moodroom_hub.core.config.models import Section
from tests.core.config.example import EXAMPLE, differences


class Plain(PluginConfig):
    pass


class Spotify(PluginConfig):
    client_id: str | None = None
    device: str | None = None
    market: str | None = None
    queue_ahead: int = 9
    api_url: str = "https://api.spotify.com/v1/"
    accounts_url: str = "https://accounts.spotify.com/"
    redirect_uri: str | None = None


class Sonos(PluginConfig):
    discover: bool = False
    addresses: tuple[str, ...] = ()
    zones: dict[str, str] = {}  # noqa: RUF012 -- a pydantic field: each model copies it
    interface: str | None = None
    timeout: Duration = 3_000
    poll: Duration = 3_000
    poll_idle: Duration = 20_000
    queue_ahead: int = 9
    events: bool = True
    event_host: str | None = None
    event_port: int = 0


class Buttons(PluginConfig):
    mappings: tuple[str, ...] = ()


class Tls(Section):
    enabled: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    insecure: bool = False


class Mqtt(PluginConfig):
    host: str | None = None
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: Tls = Tls()
    client_id: str | None = None
    protocol: str = "5"
    keepalive: Duration = 30_000
    base_topic: str = "moodroom"
    discovery: bool = True
    discovery_prefix: str = "homeassistant"
    birth_topic: str = "homeassistant/status"
    embedded: bool = False
    embedded_host: str = "127.0.0.1"


class LocalMining(PluginConfig):
    min_confidence: float = 0.6
    sure_confidence: float = 0.8
    misfit_confidence: float = 0.8


class Sorter(PluginConfig):
    layers: dict[str, str] = {}  # noqa: RUF012 -- a pydantic field: each model copies it
    goal: float = 0.8
    retrain: str = "daily"
    audio_features: str | None = None
    auto_apply: bool = True


class Radio(PluginConfig):
    model: str | None = None
    folders: tuple[str, ...] = ()
    learn_at_night: bool = True
    prefix: str = "radio: "
    likes_rule: str = "skip"
    max_drift: float = 0.5
    discoveries: int = 20
    safe_side: bool = False
    searches_a_night: int = 60
    searches_an_hour: int = 120
    sign_as: str = ""
    serve: bool = True


class LlmMining(PluginConfig):
    base_url: str = "https://openrouter.ai/api/v1"
    model: str | None = None
    api_key: str | None = None
    batch_size: int = 50
    in_flight: int = 4
    min_confidence: float = 0.6
    price_in: float | None = None
    price_out: float | None = None
    timeout: Duration = 120_000
    max_tokens_out: int | None = 16_000


class Metadata(PluginConfig):
    contact: str | None = None
    url: str = "https://musicbrainz.org/ws/2"
    keep: Duration = 90 * 86_400_000
    keep_nothing: Duration = 7 * 86_400_000
    most: int = 20_000
    timeout: Duration = 10_000
    similar: bool = False
    similar_url: str = "https://labs.api.listenbrainz.org"


class Artwork(PluginConfig):
    contact: str | None = None
    services: tuple[str, ...] = ("cover_art_archive",)
    cover_art_archive_url: str = "https://coverartarchive.org"
    deezer_url: str = "https://api.deezer.com"
    keep: Duration = 90 * 86_400_000
    keep_nothing: Duration = 7 * 86_400_000
    most: int = 20_000
    timeout: Duration = 10_000


class Lastfm(Section):
    api_key: str | None = None
    api_secret: str | None = None
    session_key: str | None = None
    api_url: str = "https://ws.audioscrobbler.com/2.0/"


class ListenBrainz(Section):
    token: str | None = None
    url: str = "https://api.listenbrainz.org"


class LeaveOut(Section):
    artists: tuple[str, ...] = ()
    streams: bool = False


class Scrobbling(PluginConfig):
    lastfm: Lastfm = Lastfm()
    listenbrainz: ListenBrainz = ListenBrainz()
    servers: dict[str, str] = {}  # noqa: RUF012 -- a pydantic field: each model copies it
    zones: tuple[str, ...] | None = None
    leave_out: LeaveOut = LeaveOut()
    now_playing: bool = True


DOCUMENTED: dict[str, type[PluginConfig]] = {
    "sampling": Plain,
    "demotion": Plain,
    "top_up": Plain,
    "spotify": Spotify,
    "sonos": Sonos,
    "status_page": Plain,
    "mqtt": Mqtt,
    "buttons": Buttons,
    "local_mining": LocalMining,
    "sorter": Sorter,
    "radio": Radio,
    "llm_mining": LlmMining,
    "scrobbling": Scrobbling,
    "metadata": Metadata,
    "artwork": Artwork,
}


def test_the_example_is_the_defaults_and_names_every_key() -> None:
    assert differences(DOCUMENTED) == []


class Wider(Spotify):
    volume: int = 30


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ({**DOCUMENTED, "spotify": Wider}, "plugins.spotify.volume is not named"),
        ({**DOCUMENTED, "gramophone": Plain}, "plugins.gramophone is not named"),
        ({name: DOCUMENTED[name] for name in DOCUMENTED if name != "top_up"}, "no plugin has this name"),
    ],
)
def test_a_model_that_moved_on_is_noticed(models: dict[str, type[PluginConfig]], told: str) -> None:
    assert told in "\n".join(differences(models))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("  port: 7777", "  port: 7778", "not the defaults"),
        ("  port: 7777\n", "", "web.port is not named"),
        ("queue_ahead: 9", "queue_ahead: 8", "plugins.spotify is not the default"),
        ("      - {name: Jungle, artist: Drake}\n", "", "not the defaults"),
        ("  # 0 takes any free port.\n", "", "web: port has no comment"),
    ],
)
def test_an_example_that_stayed_behind_is_noticed(tmp_path: Path, before: str, after: str, told: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert before in text
    changed = tmp_path / "config.yaml"
    changed.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert told in "\n".join(differences(DOCUMENTED, changed))
