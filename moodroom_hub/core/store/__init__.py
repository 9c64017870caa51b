"""The store: what the hub remembers, in SQLite or PostgreSQL. These names are its public face."""

from moodroom_hub.core.store.changes import Change, LastIds
from moodroom_hub.core.store.errors import BackupError, StoreDown, StoreTooNew
from moodroom_hub.core.store.restore import restore
from moodroom_hub.core.store.store import Store

__all__ = ["BackupError", "Change", "LastIds", "Store", "StoreDown", "StoreTooNew", "restore"]
