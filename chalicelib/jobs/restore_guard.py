"""A table restored from a backup sends nothing until somebody has looked: it has forgotten what was sent since the backup.

The table holds the id that it had when the deployment moved in. Where the two differ, it is a copy, and in quarantine: tick
queues nothing, deliver touches nothing, clients may read and write. `release.py` ends it. Opt-outs lie in the table and survive.
"""

from __future__ import annotations

import logging
from datetime import datetime

from chalicelib.jobs import home_table
from chalicelib.storage.table import Item

_at_home: set[str] = set()
log = logging.getLogger(__name__)


def holds(now: datetime) -> bool:
    """Whether the bound table is a copy that nobody has released. Once a process knows that it is not, it asks no more."""
    name = Item.Meta.table_name
    if name in _at_home:
        return False
    home = home_table.home()
    if home is None and not home_table.move_in(now, None):
        home = home_table.home()
    if home is not None and home.table_id != home_table.table_id():
        log.error("quarantined: this table is a copy, restored from a backup; nothing is sent until it is released")
        return True
    _at_home.add(name)
    return False
