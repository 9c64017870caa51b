"""Pools as files: the CSV that people edit, and the original Moodroom's ``state.json``. Text in, text out; no I/O."""

from moodroom_hub.domain.pool_files.common import FileProblem, PoolFileError, find_room
from moodroom_hub.domain.pool_files.csv_file import (
    COLUMNS,
    CsvPools,
    PoolRow,
    format_csv,
    formula_like,
    parse_csv,
    parse_track_uri,
    rows_of,
)
from moodroom_hub.domain.pool_files.state_changes import StateImport, changes_from_state
from moodroom_hub.domain.pool_files.state_file import (
    SeedMove,
    SeedState,
    SeedStrikes,
    parse_state_json,
)

__all__ = [
    "COLUMNS",
    "CsvPools",
    "FileProblem",
    "PoolFileError",
    "PoolRow",
    "SeedMove",
    "SeedState",
    "SeedStrikes",
    "StateImport",
    "changes_from_state",
    "find_room",
    "format_csv",
    "formula_like",
    "parse_csv",
    "parse_state_json",
    "parse_track_uri",
    "rows_of",
]
