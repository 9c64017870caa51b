"""MQTT topics and filters as the standard has them: what is sound, and what matches what. Pure."""

from collections.abc import Iterable

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


def without_overlaps(filters: Iterable[str]) -> list[str]:
    """Filters that hear at least as much, so that few messages match two of them.

    Brokers may send such a message once for each, and drop what does not fit into their queue: in a burst that costs
    messages. What another filter covers is left out; ``a/+/c`` and ``a/b/+`` become ``a/+/+``. Where that would hear
    far more (``+/b`` and ``a/#``) both stay.
    """
    kept: list[str] = []
    for one in filters:
        merged = one
        while (other := next((each for each in kept if _merged(each, merged) is not None), None)) is not None:
            merged = _merged(other, merged) or merged
            kept.remove(other)
        kept.append(merged)
    return kept


def covers(topic_filter: str, other: str) -> bool:
    """Whether everything that ``other`` hears is heard by ``topic_filter`` as well."""
    wide, narrow = topic_filter.split("/"), other.split("/")
    if narrow[0].startswith("$") and wide[0] in ("+", "#"):
        return False
    for place, level in enumerate(wide):
        if level == "#":
            return True
        if place >= len(narrow) or narrow[place] == "#" or level not in ("+", narrow[place]):
            return False
    return len(wide) == len(narrow)


def _merged(one: str, other: str) -> str | None:
    """The one filter in place of two; ``None`` where two are better."""
    if covers(one, other):
        return one
    if covers(other, one):
        return other
    pairs = list(zip(one.split("/"), other.split("/"), strict=False))
    is_level = one.count("/") == other.count("/") and "#" not in one + other
    if not is_level or not all(a == b or "+" in (a, b) for a, b in pairs) or (one + other).count("$"):
        return None
    return "/".join(a if a == b else "+" for a, b in pairs)


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
