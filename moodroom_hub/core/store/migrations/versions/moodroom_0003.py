"""Plays: what counted, where it was sent, and what was found out about it elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "moodroom_0003"
down_revision = "moodroom_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three new tables; what was there stays as it is."""
    op.create_table(
        "play",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("counted_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("twin_of", sa.BigInteger(), nullable=True),
        sa.Column("play", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play")),
    )
    op.create_index(op.f("ix_play_counted_at_ms"), "play", ["counted_at_ms"])
    op.create_index(op.f("ix_play_twin_of"), "play", ["twin_of"])
    op.create_table(
        "delivery",
        sa.Column("play_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("next_try_ms", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("play_id", "target", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_target_status_next_try_ms"), "delivery", ["target", "status", "next_try_ms"])
    op.create_table(
        "finding",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_kind_at_ms"), "finding", ["kind", "at_ms"])


def downgrade() -> None:
    """Without the plays' tables again."""
    for name in ("finding", "delivery", "play"):
        op.drop_table(name)
