"""A strict make-believe of an OpenAI-compatible server that places tracks in rooms, and can be as bad as a real one."""

from moodroom_hub.simulator.faults import Latency
from moodroom_hub.simulator.model_api.answers import ModelAnswer
from moodroom_hub.simulator.model_api.behaviour import (
    MODEL_ID,
    PRICED,
    Behaviour,
    LimitStyle,
    ModelFault,
    ModelRule,
    OfferedModel,
    behaviour_from_json,
)
from moodroom_hub.simulator.model_api.fake import FakeModel
from moodroom_hub.simulator.model_api.knowledge import DemoKnowledge, Knowledge, KnownSong, Suggestions, right_rooms
from moodroom_hub.simulator.model_api.log import CallLog, CallRecord, read_log, repeated_calls, repeated_songs
from moodroom_hub.simulator.model_api.orders import HOSTILE_TITLES, hostile_title
from moodroom_hub.simulator.model_api.server import ModelServer

__all__ = [
    "HOSTILE_TITLES",
    "MODEL_ID",
    "PRICED",
    "Behaviour",
    "CallLog",
    "CallRecord",
    "DemoKnowledge",
    "FakeModel",
    "Knowledge",
    "KnownSong",
    "Latency",
    "LimitStyle",
    "ModelAnswer",
    "ModelFault",
    "ModelRule",
    "ModelServer",
    "OfferedModel",
    "Suggestions",
    "behaviour_from_json",
    "hostile_title",
    "read_log",
    "repeated_calls",
    "repeated_songs",
    "right_rooms",
]
