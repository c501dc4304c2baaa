"""Were the stored nights made by the rules of today? Touches one database connection, reading."""

import sqlite3

from notturno.scoring.versions import made_by


def stale(db: sqlite3.Connection) -> bool:
    """Say whether a night was made by other rules than today's, lacks a column, or is not made."""
    return bool(
        db.execute(
            "select exists (select 1 from nights where made_by <> ?1)"
            " or exists (select 1 from person_nights where made_by <> ?1)"
            " or exists (select 1 from sessions where name_rule is null)",
            (made_by(),),
        ).fetchone()[0]
    )
