"""Form 6 of the database: a log is a set of records; some contradict, some are missing.

`log_aliases`: other numbers under which a band gave a log out, after it had lost its own.
`quarantine`: records whose content is not what is stored under their number. `absent`: numbers
that the band says it does not have.
"""

import sqlite3
from collections.abc import Callable


def _column(table: str, name: str) -> Callable:
    """Return a step that adds a column of integers, where it is not there yet."""

    def add(db: sqlite3.Connection) -> None:
        if name not in {row[1] for row in db.execute(f"pragma table_info ({table})")}:
            db.execute(f"alter table {table} add column {name} integer")

    return add


MIGRATION = (
    "what a log lacks, what contradicts it, and its other names",
    (
        _column("anchors", "host_id"),
        _column("logs", "log_version"),
        """create table if not exists log_aliases (
            device_id text not null, log_id integer not null,
            log_key integer not null references logs,
            seen_utc_ms integer not null,
            primary key (device_id, log_id)
        ) strict, without rowid""",
        """create table if not exists quarantine (
            log_key integer not null references logs,
            seq integer not null, kind integer not null, payload blob not null,
            sync_id integer not null references syncs,
            seen_utc_ms integer not null, why text not null,
            unique (log_key, seq, kind, payload)
        ) strict""",
        """create table if not exists absent (
            log_key integer not null references logs,
            first_seq integer not null, last_seq integer not null,
            times integer not null, seen_utc_ms integer not null,
            primary key (log_key, first_seq, last_seq)
        ) strict, without rowid""",
    ),
)
