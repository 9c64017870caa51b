"""Stations, and the likes and dislikes that bend them."""

import sqlalchemy as sa
from alembic import op

revision = "moodroom_0005"
down_revision = "moodroom_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; what was there stays as it is."""
    op.create_table(
        "station",
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_station")),
    )
    op.create_table(
        "station_vote",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("vote", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_vote")),
    )
    op.create_index(op.f("ix_station_vote_station_id"), "station_vote", ["station", "id"])


def downgrade() -> None:
    """Without the radio's tables again."""
    for name in ("station_vote", "station"):
        op.drop_table(name)
