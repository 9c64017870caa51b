"""A room's pool: what is in it, what listening and hands change, and how that is taken back. Pure rules."""

from moodroom_hub.domain.pools.changes import (
    PoolChange,
    apply_verdict,
    liked,
    moved,
    tier_after_skip,
)
from moodroom_hub.domain.pools.pool import Pool, live_receipts, project, undone_by
from moodroom_hub.domain.pools.undo import Refusal, UndoPlan, plan_group_undo, plan_undo

__all__ = [
    "Pool",
    "PoolChange",
    "Refusal",
    "UndoPlan",
    "apply_verdict",
    "liked",
    "live_receipts",
    "moved",
    "plan_group_undo",
    "plan_undo",
    "project",
    "tier_after_skip",
    "undone_by",
]
