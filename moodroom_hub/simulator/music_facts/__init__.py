"""Strict make-believes of services that know about music: MusicBrainz, Cover Art Archive, Deezer, ListenBrainz."""

from moodroom_hub.simulator.music_facts.answers import FactsAnswer, Mood
from moodroom_hub.simulator.music_facts.cover_art import FakeCoverArtArchive
from moodroom_hub.simulator.music_facts.deezer import FakeDeezer
from moodroom_hub.simulator.music_facts.knowledge import KnownRecording, KnownRelease, MusicKnowledge, made_up_mbid
from moodroom_hub.simulator.music_facts.listen_labs import FakeListenLabs
from moodroom_hub.simulator.music_facts.musicbrainz import FakeMusicBrainz
from moodroom_hub.simulator.music_facts.server import MusicFactsServer

__all__ = [
    "FactsAnswer",
    "FakeCoverArtArchive",
    "FakeDeezer",
    "FakeListenLabs",
    "FakeMusicBrainz",
    "KnownRecording",
    "KnownRelease",
    "Mood",
    "MusicFactsServer",
    "MusicKnowledge",
    "made_up_mbid",
]
