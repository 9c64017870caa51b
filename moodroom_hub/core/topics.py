"""MQTT topics and filters as the standard has them: what is sound, and what matches what. Pure."""

LONGEST_BYTES = 65_535


def topic_problem(topic: str) -> str | None:
    """Why nothing may be published to ``topic``; ``None`` where it is sound."""
    if "+" in topic or "#" in topic:
        return "a topic to publish to has no wildcards (+ or #)"
    return _text_problem(topic)


def filter_problem(topic_filter: str) -> str | None:
    """Why nobody may subscribe to ``topic_filter``; ``None`` where it is sound."""
    levels = topic_filter.split("/")
    if any("#" in level and (level != "#" or place < len(levels) - 1) for place, level in enumerate(levels)):
        return "# stands alone and last, as in a/b/#"
    if any("+" in level and level != "+" for level in levels):
        return "+ stands alone between slashes, as in a/+/b"
    return _text_problem(topic_filter)


def is_match(topic_filter: str, topic: str) -> bool:
    """Whether a message on ``topic`` reaches who subscribed to ``topic_filter``.

    ``a/#`` matches ``a`` as well; a wildcard at the very front does not match topics that begin with ``$``.
    """
    wanted, given = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(given) or level not in ("+", given[place]):
            return False
    return len(wanted) == len(given)


def _text_problem(text: str) -> str | None:
    if not text:
        return "is empty"
    if "\0" in text:
        return "holds a null character"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "is not valid text"
    return f"is longer than {LONGEST_BYTES} bytes" if size > LONGEST_BYTES else None
