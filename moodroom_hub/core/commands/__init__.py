"""The hub as its faces and policies know it."""

from moodroom_hub.core.commands.orders import Orders
from moodroom_hub.core.commands.questions import Questions


class Commands(Orders, Questions):
    """Implements ``face.HubFace`` and ``context.PolicyFace``."""
