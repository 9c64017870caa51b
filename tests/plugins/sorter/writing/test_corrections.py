"""What the owner moves on the service is understood, once."""

from pathlib import Path

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, SublistKey
from tests.plugins.sorter.writing.lab import HOUSE, LATE, MUTUAL, POP, SONGS, House, house
from tests.plugins.spotify.lab import virtual

TARGETS: dict[SublistKey, list[Uri]] = {LATE: SONGS[:20], POP: SONGS[20:40], HOUSE: SONGS[40:45]}


def said(labels: tuple[Label, ...]) -> dict[Uri, tuple[frozenset[SublistKey], frozenset[SublistKey]]]:
    """Song by song."""
    assert {label.origin for label in labels} <= {LabelOrigin.CORRECTED}
    return {label.uri: (label.fits, label.misfits) for label in labels}


def move(one: House) -> None:
    """Song 3 from Late Night to Pop!, song 4 away, song 300 into House."""
    late, pop, home = (one.playlist(name) for name in ("Late Night", "Pop!", "House"))
    late.hold([uri for uri in late.uris if uri not in (SONGS[3], SONGS[4])])
    pop.hold([SONGS[3], *pop.uris])
    home.hold([*home.uris[::-1], SONGS[300]])


MEANT = {
    SONGS[3]: (frozenset({POP}), frozenset({LATE})),
    SONGS[300]: (frozenset({HOUSE}), frozenset()),
    SONGS[4]: (frozenset(), frozenset({LATE})),
}


@virtual
async def test_read_by_themselves(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        assert (await one.writer.corrections(MUTUAL)).labels == ()
        await one.writer.apply(MUTUAL, TARGETS)
        assert (await one.writer.corrections(MUTUAL)).labels == ()
        move(one)
        assert said((await one.writer.diff(MUTUAL, TARGETS))[1].labels) == MEANT
        assert said((await one.writer.corrections(MUTUAL)).labels) == MEANT
        assert said(tuple(await one.book.labels(MUTUAL.key))) == MEANT
        assert (await one.writer.corrections(MUTUAL)).labels == ()
        one.playlist("Pop!").hold([SONGS[300], *one.rows("Pop!")[1:]])
        late = {SONGS[3]: (frozenset(), frozenset({LATE, POP})), SONGS[300]: (frozenset({POP}), frozenset())}
        assert said((await one.writer.corrections(MUTUAL)).labels) == late
        assert len(await one.book.writes()) == 6  # what was found is remembered once a playlist, not once a look


@virtual
async def test_found_on_the_way_of_a_writing_that_heeds_them(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.writer.apply(MUTUAL, TARGETS)
        move(one)
        pop = one.playlist("Pop!")
        pop.hold([SONGS[5], *pop.uris])  # also still in Late Night, where the sorter put it
        done = await one.writer.apply(MUTUAL, {**TARGETS, LATE: [*SONGS[:20], SONGS[350]]})
        assert said(done.labels) == {**MEANT, SONGS[5]: (frozenset({POP}), frozenset())}
        assert one.rows("Late Night") == [*SONGS[:3], *SONGS[6:20], SONGS[350]]
        assert one.rows("Pop!") == [SONGS[5], SONGS[3], *SONGS[20:40]]
        assert one.rows("House") == [*SONGS[40:45][::-1], SONGS[300]]
        assert (await one.writer.corrections(MUTUAL)).labels == ()


@virtual
async def test_an_emptied_playlist_is_filled_again(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.writer.apply(MUTUAL, TARGETS)
        one.playlist("Late Night").hold([])
        found = await one.writer.corrections(MUTUAL)
        assert (found.labels, len(found.notes)) == ((), 1)
        await one.writer.apply(MUTUAL, TARGETS)
        assert one.rows("Late Night") == SONGS[:20]
