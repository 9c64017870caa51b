"""Random small pools in which songs have several listings, and a reference that knows which song a track is."""

from collections.abc import Collection, Sequence

from hypothesis import strategies as st

from moodroom_hub.domain.models import PLAYABLE_TIERS, BatchRecipe, Drawn, PoolEntry, Tier, Track, Uri

RECIPE = BatchRecipe()


def listing(song: int, copy: int = 0, is_playable: bool = True) -> Track:
    """The ``copy``-th listing of a song: even copies share the ISRC, all share the folded name and artist."""
    name = f"Song {song}" if copy < 2 else f"SONG {song} - Remastered 2011"
    return Track(
        Uri(f"spotify:track:{song}-{copy}"),
        name,
        ("Somebody", "Guest")[: 1 + copy % 2],
        isrc=f"USXX{copy % 2}{song:07}",
        is_playable=is_playable,
    )


def song_of(track: Track) -> int:
    """Which song a listing is."""
    return int(track.uri.removeprefix("spotify:track:").split("-")[0])


def songs_of(tracks: Collection[Track]) -> set[int]:
    return {song_of(track) for track in tracks}


def plain_pool(confirmed: int, safe_side: int, discovery: int) -> list[PoolEntry]:
    """Songs without twins, tier after tier."""
    tiers = [
        tier
        for tier, count in zip(PLAYABLE_TIERS, (confirmed, safe_side, discovery), strict=True)
        for _ in range(count)
    ]
    return [PoolEntry(listing(song), tier) for song, tier in enumerate(tiers)]


def playable_songs(pool: Sequence[PoolEntry]) -> set[int]:
    """The songs that may ever be drawn from this pool."""
    removed = songs_of([entry.track for entry in pool if entry.tier is Tier.REMOVED])
    playable = songs_of([entry.track for entry in pool if entry.tier is not Tier.REMOVED and entry.track.is_playable])
    return playable - removed


def songs_by_tier(pool: Sequence[PoolEntry]) -> dict[Tier, set[int]]:
    """The songs that may be drawn, by every tier in which they have a playable listing."""
    may = playable_songs(pool)
    return {
        tier: may & songs_of([entry.track for entry in pool if entry.tier is tier and entry.track.is_playable])
        for tier in PLAYABLE_TIERS
    }


def tier_counts(drawn: Drawn) -> dict[Tier, int]:
    return {tier: sum(pick.tier is tier for pick in drawn.picks) for tier in PLAYABLE_TIERS}


_songs = st.integers(0, 25)
_entries = st.builds(
    PoolEntry,
    st.builds(listing, _songs, st.integers(0, 3), st.sampled_from([True, True, True, False])),
    st.sampled_from([*PLAYABLE_TIERS, *PLAYABLE_TIERS, Tier.REMOVED]),
)

pools = st.lists(_entries, max_size=30, unique_by=lambda entry: entry.track.uri)
pasts = st.lists(st.builds(listing, _songs, st.integers(0, 3)), max_size=40)
recipes = st.builds(BatchRecipe, st.integers(0, 6), st.integers(0, 5), st.integers(0, 3)).filter(
    lambda recipe: recipe.size > 0
)
windows = st.integers(0, 20)
seeds = st.integers(0, 2**32)
