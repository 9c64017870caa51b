"""Mining: playlists, the past before the hub, what a search found, and a pool's base before the last mining."""

import sqlalchemy as sa
from alembic import op

revision = "moodroom_0002"
down_revision = "moodroom_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Five new tables; what was there stays as it is."""
    op.create_table(
        "base_before",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("room", "uri", name=op.f("pk_base_before")),
    )
    op.create_table(
        "playlist",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist")),
    )
    op.create_table(
        "playlist_item",
        sa.Column("playlist", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("playlist", "position", name=op.f("pk_playlist_item")),
    )
    op.create_table(
        "past_play",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("heard_ms", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("album", sa.Text(), nullable=False),
        sa.Column("reason_start", sa.Text(), nullable=True),
        sa.Column("reason_end", sa.Text(), nullable=True),
        sa.Column("is_skipped", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_play")),
        sa.UniqueConstraint("key", name=op.f("uq_past_play_key")),
    )
    op.create_table(
        "lookup",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lookup")),
    )


def downgrade() -> None:
    """Without mining's tables again."""
    for name in ("lookup", "past_play", "playlist_item", "playlist", "base_before"):
        op.drop_table(name)
