"""``moodroom-hub check``: is there an endpoint, does it take the key, does it know the model?"""

from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.llm_mining.client import LineError
from moodroom_hub.plugins.llm_mining.envelopes import AnswerError, read_models
from moodroom_hub.plugins.llm_mining.run import Setting

NAME = "model"


async def look_at_endpoint(setting: Setting) -> Check:
    """One call that costs nothing."""
    try:
        async with setting.client as client:
            reply = await client.models()
    except LineError as error:
        return _failed(error.reason, "start it, or correct plugins.llm_mining.base_url")
    if reply.status in (401, 403):
        return _failed(f"the endpoint does not accept the key ({reply.status})", "check plugins.llm_mining.api_key")
    if reply.status != 200:
        # Not every endpoint has a list of models; that it answers is something.
        return Check(NAME, CheckLevel.WARNING, f"the endpoint answers, but lists no models ({reply.status})",
                     "make sure that plugins.llm_mining.base_url mostly ends with /v1")  # fmt: skip
    try:
        listed = read_models(reply.body)
    except AnswerError:
        return _failed("what answers there is no OpenAI-compatible endpoint", "correct plugins.llm_mining.base_url")
    if setting.model not in listed:
        return Check(NAME, CheckLevel.WARNING, "the endpoint answers, but does not list the model",
                     f"check plugins.llm_mining.model; it lists {len(listed)} models")  # fmt: skip
    return Check(NAME, CheckLevel.OK, f"{setting.model} is there")


def _failed(message: str, mend: str) -> Check:
    return Check(NAME, CheckLevel.FAILED, message, mend)
