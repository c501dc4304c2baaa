"""Makes what is derived again where its rules have changed, or where nothing was derived yet.

Touches one database connection that may be written to, be it in memory.
"""

import sqlite3
from collections.abc import Callable

from notturno_core import names

from notturno.scoring.versions import made_by
from notturno.store import derive
from notturno.store.night_rows import derive_nights


def bring_up_to_date(
    db: sqlite3.Connection, progress: Callable[[int, int], None] | None = None
) -> None:
    """Make every stale night again, in the transaction that is open.

    progress: called with (done, of how many).
    """
    behind = db.execute(
        "select log_key, seq from sessions where name_rule is null or names_version <> ?"
        " order by log_key, seq",
        (names.VERSION,),
    ).fetchall()
    for row in behind:
        derive.name_and_place(db, row["log_key"], row["seq"])
    changed = set()
    logs = {row["log_key"] for row in behind}
    for row in db.execute("select distinct device_id, log_key from logs").fetchall():
        if row["log_key"] in logs:
            found = derive.group_all(db, row["device_id"])
            changed |= {(night, row["device_id"]) for night in found}
    changed |= {
        (row["night"], row["device_id"])
        for row in db.execute(
            "select night, device_id from nights where made_by <> ?1 union"
            " select n.night, n.device_id from nights n join person_nights p using (night)"
            " where p.made_by <> ?1",
            (made_by(),),
        )
    }
    derive_nights(db, changed, progress)


def make_all_again(db: sqlite3.Connection) -> None:
    """Make all that is derived again from the records, and nothing else, in the open transaction.

    What comes out must be what was there: the drill of a backup holds one against the other.
    """
    from notturno.store.ingest import read_again

    nights = db.execute("select night, device_id from nights").fetchall()
    touched = {
        key: read_again(db, key)
        for (key,) in db.execute("select log_key from logs order by log_key").fetchall()
    }
    derive.refresh_all(db, touched, [tuple(row) for row in nights])
