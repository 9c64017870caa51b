"""The page on the format is true: its card is one, and its few lines for other programs check it."""

import re
from pathlib import Path

import pytest

from moodroom_hub.domain.stations import jspf
from moodroom_hub.domain.stations.models import Seed
from moodroom_hub.plugins.radio.cards import read_card

PAGE = (Path(__file__).parents[4] / "docs" / "station-cards.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The page's one block in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert isinstance(found, str)
    return found


def test_the_pages_card_is_one() -> None:
    card = read_card(block("json"))
    assert (card.name, card.seeds, card.chance) == ("Friday", (Seed("Drake", "Trophies"), Seed("Rich Gang")), 4711)
    assert f"signed by {card.signer}`" in PAGE
    assert f"`{jspf.EXTENSION}`" in PAGE


def test_other_programs_can_check_it_as_the_page_says() -> None:
    from cryptography.exceptions import InvalidSignature

    code = compile(block("python"), "station-cards.md", "exec")
    exec(code, {"card": block("json")})
    with pytest.raises(InvalidSignature):
        exec(code, {"card": block("json").replace("Rich Gang", "Rich Gong")})
