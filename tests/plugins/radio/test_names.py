"""One artist under many spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.plugins.radio.names import artist_key, first_of_credit, key_hash


@pytest.mark.parametrize(
    "spellings",
    [
        ("The Beatles", "Beatles", "BEATLES", "Beatles, The", "  the   beatles "),
        ("JAŸ-Z", "Jay Z", "JAY-Z", "jay-z feat. Rihanna", "Jay-Z (ft. Alicia Keys)", "Jay Z featuring Kanye"),
        ("Beyoncé", "Beyonce", "BEYONCÉ", "Beyonce\u0301"),
        ("Florence + The Machine", "Florence and the Machine", "Florence & The Machine"),
        ("Guns N' Roses", "Guns N’ Roses", "guns and roses", "Guns 'n' Roses"),
        ("N.W.A.", "NWA", "N. W. A", "n.w.a"),
        ("A.R. Rahman", "A. R. Rahman", "AR Rahman"),
        ("Ke$ha", "Kesha"),
        ("A$AP Rocky", "ASAP Rocky"),
        ("P!nk", "Pink", "P!NK"),
        ("Panic! At The Disco", "Panic at the Disco"),
        ("Sigur Rós", "Sigur Ros"),
        ("Tallak feat,Viv Gee", "Tallak"),
    ],
)
def test_spellings_of_one_artist_fall_together(spellings: tuple[str, ...]) -> None:
    assert len({artist_key(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The The", "The"),
        ("!!!", "???"),
        ("Blink-182", "Blink"),
        ("Prince", "Prince Royce"),
        ("John Williams", "Johnny Williams"),
        ("あいみょん", "ヨルシカ"),
        ("Air", "Air Supply"),
        ("Nirvana", "Nirvana (UK)"),
        ("+/-", "÷"),
    ],
)
def test_different_artists_stay_two(one: str, other: str) -> None:
    assert artist_key(one) != artist_key(other)
    assert artist_key(one)


def test_nothing_stays_nothing() -> None:
    assert {artist_key(each) for each in ("", "   ", "\n\t", "\u200b")} == {""}


@given(st.text(max_size=60))
def test_a_key_is_its_own_key_and_one_line(name: str) -> None:
    key = artist_key(name)
    assert "\n" not in key
    assert "\t" not in key
    assert artist_key(f"  {name} ") == key
    assert 0 <= key_hash(key) < 2**64


@pytest.mark.parametrize(
    ("credit", "first"),
    [
        ("Lil Wayne, Drake", "Lil Wayne"),
        ("Calvin Harris, The Weeknd", "Calvin Harris"),
        ("Tyler, The Creator, Kali Uchis", "Tyler, The Creator"),
        ("Earth, Wind & Fire", "Earth, Wind & Fire"),
        ("Crosby, Stills, Nash & Young", "Crosby, Stills, Nash & Young"),
        ("Harry Connick, Jr.", "Harry Connick, Jr."),
        ("quickly, quickly", "quickly, quickly"),
        ("10,000 Maniacs", "10,000 Maniacs"),
        ("Sade", "Sade"),
        (", ", ", "),
    ],
)
def test_a_credit_s_first_artist(credit: str, first: str) -> None:
    assert first_of_credit(credit) == first
