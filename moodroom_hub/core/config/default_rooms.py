"""The six rooms of a hub whose configuration names none, as the file would give them."""

from collections.abc import Mapping
from typing import Any, Final

DEFAULT_ROOMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "late-night": {
        "name": "Late Night",
        "description": "OVO atmospheric, hook-driven: moody rap and sung rap for a drive after midnight",
        "anchors": [
            {"name": "Trophies", "artist": "Drake"},
            {"name": "Jungle", "artist": "Drake"},
            {"name": "Wicked Games", "artist": "The Weeknd"},
            {"name": "Recognize", "artist": "PARTYNEXTDOOR"},
        ],
        "avoid": ["rage", "sleepy without a hook", "pure R&B"],
        "palette": {
            "accent": "#8b7cf6",
            "from": "#0b0a1f",
            "to": "#1c1240",
            "blobs": ["#4c3fd1", "#7a3cc9", "#2b2a72"],
        },
    },
    "throwback-pop": {
        "name": "Throwback Pop",
        "description": "Pop hits of the 2000s and early 2010s that everybody in the car can sing",
        "anchors": [
            {"name": "Since U Been Gone", "artist": "Kelly Clarkson"},
            {"name": "Toxic", "artist": "Britney Spears"},
            {"name": "Teenage Dream", "artist": "Katy Perry"},
            {"name": "Umbrella", "artist": "Rihanna"},
        ],
        "avoid": ["ballads that stop the party", "anything newer than 2015"],
        "palette": {
            "accent": "#ff6fbe",
            "from": "#24081c",
            "to": "#062a33",
            "blobs": ["#e0218a", "#17b5d3", "#8a1f75"],
        },
    },
    "house": {
        "name": "House",
        "description": "Warm four-to-the-floor with a groove and a voice, from French touch to today",
        "anchors": [
            {"name": "Music Sounds Better with You", "artist": "Stardust"},
            {"name": "One More Time", "artist": "Daft Punk"},
            {"name": "Show Me Love", "artist": "Robin S"},
            {"name": "Latch", "artist": "Disclosure"},
        ],
        "avoid": ["festival drops", "hard techno", "slow edits"],
        "palette": {
            "accent": "#ffb454",
            "from": "#1f0f06",
            "to": "#43180f",
            "blobs": ["#e8792b", "#d1483c", "#80400f"],
        },
    },
    "rage": {
        "name": "Rage",
        "description": "Distorted synths, hard 808s and shouting: for lifting heavy things",
        "anchors": [
            {"name": "Stop Breathing", "artist": "Playboi Carti"},
            {"name": "Sky", "artist": "Playboi Carti"},
            {"name": "Miss the Rage", "artist": "Trippie Redd"},
            {"name": "FE!N", "artist": "Travis Scott"},
        ],
        "avoid": ["acoustic", "slow love songs", "old-school rap"],
        "palette": {
            "accent": "#ff5449",
            "from": "#150405",
            "to": "#3b0711",
            "blobs": ["#c4161c", "#96102f", "#4f0a0d"],
        },
    },
    "throwback-rap": {
        "name": "Throwback Rap",
        "description": "Rap of the 1990s and 2000s with drums that knock and a story to tell",
        "anchors": [
            {"name": "Juicy", "artist": "The Notorious B.I.G."},
            {"name": "Still D.R.E.", "artist": "Dr. Dre"},
            {"name": "N.Y. State of Mind", "artist": "Nas"},
            {"name": "Through the Wire", "artist": "Kanye West"},
        ],
        "avoid": ["trap hi-hats", "autotuned singing", "anything newer than 2010"],
        "palette": {
            "accent": "#e3bb45",
            "from": "#0b1409",
            "to": "#1c2f17",
            "blobs": ["#b98d1e", "#2d6132", "#5f4c14"],
        },
    },
    "after-hours": {
        "name": "After Hours",
        "description": "Slow, close and unhurried: R&B and soul for when the guests have gone",
        "anchors": [
            {"name": "After Hours", "artist": "The Weeknd"},
            {"name": "Nights", "artist": "Frank Ocean"},
            {"name": "Good Days", "artist": "SZA"},
            {"name": "Exchange", "artist": "Bryson Tiller"},
        ],
        "avoid": ["drill", "club bangers", "bright major-key pop"],
        "palette": {
            "accent": "#3cc9be",
            "from": "#04151c",
            "to": "#0a2245",
            "blobs": ["#128374", "#154b93", "#0c3159"],
        },
    },
}
