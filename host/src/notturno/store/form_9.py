"""Form 9 of the database: what other programs say of a night, and what a person wants gone.

`imported_sleeps`: when a tracker says that the person slept. `lab_lists`: what a laboratory
scored, row by row. `forgotten`: numbers of records that were deleted for good, so that no sync and
no file brings them back; nothing of what they held is kept. All times UTC in ms.
"""

MIGRATION = (
    "what other programs say of a night, and what was forgotten",
    (
        """create table if not exists imported_sleeps (
            sleep_id integer primary key, source text not null, file text not null,
            zone text not null, start_utc_ms integer not null, end_utc_ms integer not null,
            made_utc_ms integer not null,
            unique (source, start_utc_ms, end_utc_ms)
        ) strict""",
        "create index if not exists imported_sleeps_by_time on imported_sleeps (start_utc_ms)",
        """create table if not exists lab_lists (
            list_id integer primary key, night text not null, kind text not null,
            source text not null, format text not null, sha256 text not null,
            start_local text, rows text not null, made_utc_ms integer not null,
            unique (night, kind, sha256)
        ) strict""",
        """create table if not exists forgotten (
            log_key integer not null references logs,
            first_seq integer not null, last_seq integer not null,
            made_utc_ms integer not null,
            primary key (log_key, first_seq, last_seq)
        ) strict, without rowid""",
    ),
)
