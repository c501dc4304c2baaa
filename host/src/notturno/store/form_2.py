"""Form 2 of the database: what a band last said of itself, and what people say.

A migration, once released, is never changed: a new one is added. All times UTC in ms; what people
write (`bands`, `placements`, `edits`, `diary`, `stimuli`, and `tags` of form 1) is never derived.
"""

import sqlite3

from notturno_core import wire

APPLICATION_ID = 0x6E6F7475  # "notu" in the file's head: ours, whatever its name

# What SQLite is to believe of the tables: ten years of nights. Without it the planner reads whole
# tables to find one session's rows, and a night costs more the more nights there are; measured
# statistics would be made anew now and then, and plans would change under people's hands.
STATISTICS = (
    ("records", "records", "3000000 3000000 1"),
    ("sessions", "sessions", "4000 4000 1"),
    ("sessions", "sessions_by_night", "4000 2"),
    ("sessions", "sessions_by_boot", "4000 4000 20"),
    ("segments", "segments", "8000 8000 1"),
    ("segments", "segments_by_session", "8000 8000 2"),
    ("anchors", "anchors", "8000 8000 1"),
    ("anchors", "anchors_by_boot", "8000 8000 40 1"),
    ("events", "events", "1000000 1000000 1"),
    ("events", "events_by_session", "1000000 1000000 250"),
    ("minutes", "minutes", "2000000 2000000 1"),
    ("minutes", "minutes_by_session", "2000000 2000000 500"),
    ("marks", "marks", "4000 4000 1"),
    ("marks", "marks_by_session", "4000 4000 1"),
    ("faults", "faults", "4000 4000 1"),
    ("faults", "faults_by_session", "4000 4000 10"),
    ("gaps", "gaps_by_night", "8000 4 2"),
    ("nightly", "nightly", "4000 2 1"),
    ("logs", "sqlite_autoindex_logs_1", "4 2 1"),
)


def _believe_statistics(db: sqlite3.Connection) -> None:
    db.execute("analyze sqlite_schema")  # makes the table of statistics, where it is missing
    db.execute("analyze logs")
    db.execute("delete from sqlite_stat1")
    db.executemany("insert into sqlite_stat1 values (?, ?, ?)", STATISTICS)
    db.execute("analyze sqlite_schema")  # takes them up


def _faults_without_session(db: sqlite3.Connection) -> None:
    """Put in the faults that came before any session: form 1 kept their records alone."""
    rows = db.execute(
        "select log_key, seq, payload from records where kind = ?"
        " and not exists (select 1 from faults f where f.log_key = records.log_key"
        " and f.seq = records.seq)",
        (wire.REC_FAULT,),
    ).fetchall()
    for log_key, seq, payload in rows:
        try:
            fault = wire.unpack(wire.FAULT_FIELDS, payload)
        except wire.WireError:
            continue  # a layout this version does not know; the record itself is kept
        db.execute(
            "insert into faults values (?, ?, null, ?, ?, ?, ?, ?)",
            (log_key, seq, *(fault[name] for name in ("code", "sample", "tick_ms")))
            + (fault["count"], fault["detail"]),
        )


MIGRATION = (
    "what the band says of itself, and what people say",
    (
        f"pragma application_id = {APPLICATION_ID}",
        # What the band last said of itself; seen_utc_ms: when, by this computer's clock.
        "alter table logs add column next_seq integer",
        "alter table logs add column first_seq integer",
        "alter table logs add column state integer",
        "alter table logs add column tick_ms integer",
        "alter table logs add column boot_id integer",
        "alter table logs add column battery_mv integer",
        "alter table logs add column firmware text",
        "alter table logs add column seen_utc_ms integer",
        """update logs set (firmware, seen_utc_ms) = (
            select firmware, started_utc_ms from syncs where syncs.log_key = logs.log_key
            order by sync_id desc limit 1
        )""",
        "alter table logs add column records integer not null default 0",
        "update logs set records ="
        " (select count(*) from records r where r.log_key = logs.log_key)",
        # A band that cannot start has faults and no session.
        "alter table faults rename to faults_of_sessions",
        """create table faults (
            log_key integer not null, seq integer not null, session_seq integer,
            code integer not null, sample integer not null, tick_ms integer not null,
            count integer not null, detail integer not null,
            primary key (log_key, seq)
        ) strict, without rowid""",
        "insert into faults select * from faults_of_sessions",
        "drop table faults_of_sessions",
        _faults_without_session,
        "create index faults_by_session on faults (log_key, session_seq)",
        "create index marks_by_session on marks (log_key, session_seq)",
        "create index sessions_by_boot on sessions (log_key, boot_id)",
        "create index anchors_by_boot on anchors (log_key, boot_id, seq)",
        _believe_statistics,
        # What people say.
        """create table bands (
            device_id text primary key, name text not null unique, note text not null default '',
            made_utc_ms integer not null
        ) strict, without rowid""",
        """create table placements (
            placement_id integer primary key, device_id text not null,
            from_utc_ms integer not null, limb text not null, side text not null,
            made_utc_ms integer not null, removed_utc_ms integer
        ) strict""",
        "create index placements_by_band on placements (device_id, from_utc_ms)",
        """create table edits (
            edit_id integer primary key, log_key integer not null, session_seq integer not null,
            night text not null, zone text, bed text, wake text, exclude text,
            made_utc_ms integer not null, removed_utc_ms integer
        ) strict""",
        "create index edits_by_session on edits (log_key, session_seq)",
        """create table diary (
            entry_id integer primary key autoincrement, night text not null, what text not null,
            amount real, unit text not null default '', at text not null default '',
            note text not null default '', made_utc_ms integer not null
        ) strict""",
        "create index diary_by_night on diary (night)",
        """create table stimuli (
            stimulus_id integer primary key, night text not null, kind text not null,
            source text not null, utc_ms integer, onset_us integer not null,
            made_utc_ms integer not null
        ) strict""",
        "create index stimuli_by_night on stimuli (night)",
    ),
)
