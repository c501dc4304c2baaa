"""Were the stored nights made by the rules of today? Touches one database connection, reading."""

import sqlite3

from notturno.scoring.versions import rules_version


def stale(db: sqlite3.Connection) -> bool:
    """Say whether some night was made by other rules than today's, or not made at all."""
    return bool(
        db.execute(
            "select exists (select 1 from nights where made_by <> ?1)"
            " or exists (select 1 from person_nights where made_by <> ?1)"
            " or exists (select 1 from sessions where name_rule is null)",
            (rules_version(),),
        ).fetchone()[0]
    )
