"""Form 5 of the database: which records hold the waveform of which event.

Derived from the records: the coded samples themselves stay in them.
"""

import sqlite3

from notturno_core import wire


def _snippets_of_records(db: sqlite3.Connection) -> None:
    """Put in the snippets that an older notturno stored: it kept their records alone."""
    rows = db.execute(
        "select r.log_key, r.seq, r.payload, max(s.seq) from records r join sessions s"
        " on s.log_key = r.log_key and s.seq < r.seq where r.kind = ? group by r.log_key, r.seq",
        (wire.REC_SNIPPET,),
    ).fetchall()
    for log_key, seq, payload, session_seq in rows:
        try:
            head = wire.unpack(wire.SNIPPET_FIELDS, payload)
        except wire.WireError:
            continue  # a layout this version does not know; the record itself is kept
        db.execute(
            "insert into snippets values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (log_key, seq, session_seq, *(head[name] for name, _ in wire.SNIPPET_FIELDS)),
        )


MIGRATION = (
    "the waveforms of some events",
    (
        """create table snippets (
            log_key integer not null, seq integer not null, session_seq integer not null,
            number integer not null, first_sample integer not null, samples integer not null,
            offset integer not null, count integer not null, why integer not null,
            coding integer not null,
            primary key (log_key, seq)
        ) strict, without rowid""",
        "create index snippets_by_session on snippets (log_key, session_seq)",
        _snippets_of_records,
        "insert into sqlite_stat1 values ('snippets', 'snippets', '800000 800000 1')",
        "insert into sqlite_stat1 values ('snippets', 'snippets_by_session', '800000 800000 200')",
        "analyze sqlite_schema",
    ),
)
