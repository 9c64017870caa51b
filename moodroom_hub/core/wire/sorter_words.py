"""The sorter's figures in a person's words, the same on every face."""

from moodroom_hub.core.sorting import VersionStatus
from moodroom_hub.core.wire.sorter_shapes import LearnedShape, SorterJobAnswer, VersionShape

WORK = {"train": "Training", "apply": "Writing playlists", "rollback": "Taking back", "sync": "Keeping in step"}


def learned_words(learned: LearnedShape) -> str:
    """``12 answers · expected 78 % ± 4 · about 30 answers to 85 %``."""
    parts = [_answers(learned.labels)]
    if learned.accuracy is None:
        return f"{parts[0]} · too few yet to say how well this is taught"
    around = ""
    if learned.low is not None and learned.high is not None:
        around = f" ± {round((learned.high - learned.low) * 50)}"
    parts.append(f"expected {_percent(learned.accuracy)}{around}")
    if learned.accuracy >= learned.goal:
        parts.append(f"the goal of {_percent(learned.goal)} is reached")
    elif learned.left is not None:
        parts.append(f"about {_answers(learned.left)} to {_percent(learned.goal)}")
    return " · ".join(parts)


def version_words(version: VersionShape) -> str:
    """``logistic regression, 120 answers, expected 78 % (72 % to 84 %)``."""
    parts = [version.model or "no model", _answers(version.labels)]
    if version.accuracy is not None:
        span = ""
        if version.low is not None and version.high is not None:
            span = f" ({_percent(version.low)} to {_percent(version.high)})"
        parts.append(f"expected {_percent(version.accuracy)}{span}")
    if version.status is VersionStatus.REJECTED:
        parts.append("not taken: the one before is better")
    return ", ".join(parts)


def work_words(job: SorterJobAnswer) -> str:
    """What the work is called."""
    return WORK.get(job.what, job.what)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _answers(count: int) -> str:
    return f"{count} answer{'' if count == 1 else 's'}"
