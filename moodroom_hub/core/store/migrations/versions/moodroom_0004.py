"""The sorter: labels, places, trainings, and what was written into playlists."""

import sqlalchemy as sa
from alembic import op

revision = "moodroom_0004"
down_revision = "moodroom_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Four new tables; what was there stays as it is."""
    op.create_table(
        "sort_label",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sort_label")),
    )
    op.create_index(op.f("ix_sort_label_layer_uri_id"), "sort_label", ["layer", "uri", "id"])
    op.create_table(
        "sort_place",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "uri", name=op.f("pk_sort_place")),
    )
    op.create_table(
        "sort_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sort_version")),
    )
    op.create_index(op.f("ix_sort_version_layer_id"), "sort_version", ["layer", "id"])
    op.create_table(
        "sort_write",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("write", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sort_write")),
    )
    op.create_index(op.f("ix_sort_write_layer_id"), "sort_write", ["layer", "id"])


def downgrade() -> None:
    """Without the sorter's tables again."""
    for name in ("sort_write", "sort_version", "sort_place", "sort_label"):
        op.drop_table(name)
