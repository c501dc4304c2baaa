"""The tables, as named migrations. Touches one database connection; all times UTC in ms.

`records` is what the band wrote, whole; what people say (`form_2`, `form_7` to `form_9`, `tags`)
stands apart; every other table is made from the records and could be made again. A migration, once
released, is never changed: a new one is added.
"""

import sqlite3
import time
from collections.abc import Callable

from notturno.errors import UserError
from notturno.store import (
    form_2,
    form_3,
    form_4,
    form_5,
    form_6,
    form_7,
    form_8,
    form_9,
    form_10,
)

MIGRATIONS = (
    (
        "the band's log, and what follows from it",
        (
            """create table logs (
                log_key integer primary key,
                device_id text not null,
                log_id integer not null,
                unique (device_id, log_id)
            ) strict""",
            """create table syncs (
                sync_id integer primary key,
                log_key integer not null references logs,
                started_utc_ms integer not null,
                zone text not null,
                firmware text not null
            ) strict""",
            """create table records (
                log_key integer not null references logs,
                seq integer not null,
                kind integer not null,
                payload blob not null,
                sync_id integer not null references syncs,
                primary key (log_key, seq)
            ) strict, without rowid""",
            """create table sessions (
                log_key integer not null, seq integer not null, zone text not null,
                boot_id integer not null, tick_ms integer not null, odr_mhz integer not null,
                ug_per_lsb integer not null, range_g integer not null,
                sensor_id integer not null, detector_version integer not null,
                battery_mv integer not null, flags integer not null, firmware text not null,
                settings blob not null default x'',
                end_sample integer, end_tick_ms integer, end_reason integer,
                end_battery_mv integer, faults integer, overruns integer,
                night text, clock text, clock_error_ms integer,
                start_utc_ms integer, end_utc_ms integer,
                recorded_ms integer not null default 0, samples integer not null default 0,
                rate_hz real,
                primary key (log_key, seq)
            ) strict, without rowid""",
            "create index sessions_by_night on sessions (night)",
            """create table segments (
                log_key integer not null, seq integer not null, session_seq integer not null,
                sample integer not null, tick_ms integer not null, reason integer not null,
                primary key (log_key, seq)
            ) strict, without rowid""",
            "create index segments_by_session on segments (log_key, session_seq)",
            """create table anchors (
                log_key integer not null, seq integer not null, boot_id integer not null,
                tick_ms integer not null, utc_ms integer not null, error_ms integer not null,
                primary key (log_key, seq)
            ) strict, without rowid""",
            """create table events (
                log_key integer not null, seq integer not null, session_seq integer not null,
                kind integer not null, flags integer not null, confidence_pct integer not null,
                onset_sample integer not null, duration_samples integer not null,
                peak_mg integer not null, peak_jerk_mg_per_s integer not null,
                energy_mg2_s integer not null,
                direction_x_q7 integer not null, direction_y_q7 integer not null,
                direction_z_q7 integer not null,
                before_x_q7 integer not null, before_y_q7 integer not null,
                before_z_q7 integer not null,
                after_x_q7 integer not null, after_y_q7 integer not null,
                after_z_q7 integer not null,
                floor_q4_mg integer not null, rhythm_mhz integer not null,
                beats integer not null, single integer not null,
                onset_utc_ms integer, onset_ms integer, duration_ms integer,
                primary key (log_key, seq)
            ) strict, without rowid""",
            "create index events_by_session on events (log_key, session_seq)",
            """create table minutes (
                log_key integer not null, seq integer not null, session_seq integer not null,
                sample integer not null, tick_ms integer not null,
                activity_q4_mg integer not null, floor_jerk_q4_mg integer not null,
                floor_move_q4_mg integer not null,
                gravity_x_mg integer not null, gravity_y_mg integer not null,
                gravity_z_mg integer not null,
                tilt_max_deg integer not null, flags integer not null,
                jerks integer not null, lms integer not null, clipped integer not null,
                temperature_q8_c integer not null, battery_mv integer not null,
                end_utc_ms integer,
                primary key (log_key, seq)
            ) strict, without rowid""",
            "create index minutes_by_session on minutes (log_key, session_seq)",
            """create table marks (
                log_key integer not null, seq integer not null, session_seq integer not null,
                sample integer not null, tick_ms integer not null, utc_ms integer,
                primary key (log_key, seq)
            ) strict, without rowid""",
            """create table faults (
                log_key integer not null, seq integer not null, session_seq integer not null,
                code integer not null, sample integer not null, tick_ms integer not null,
                count integer not null, detail integer not null,
                primary key (log_key, seq)
            ) strict, without rowid""",
            """create table gaps (
                night text not null, device_id text not null,
                start_utc_ms integer, end_utc_ms integer,
                duration_ms integer not null, reason text not null
            ) strict""",
            "create index gaps_by_night on gaps (night, device_id)",
            """create table nightly (
                night text not null, device_id text not null,
                date text, zone text not null, clock text not null, clock_error_ms integer,
                start_utc_ms integer, end_utc_ms integer, recorded_ms integer not null,
                jerks integer not null, jerks_all integer not null, lms integer not null,
                rhythms integer not null, postures integer not null, awake_ms integer not null,
                not_worn_min integer not null, largest_mg integer,
                gaps integer not null, gap_ms integer not null,
                battery_mv integer, temperature_q8_c real,
                sessions integer not null, firmware text not null,
                detector_version integer not null,
                primary key (night, device_id)
            ) strict, without rowid""",
            """create table tags (
                name text not null, first_night text not null, last_night text,
                primary key (name, first_night)
            ) strict, without rowid""",
        ),
    ),
    form_2.MIGRATION,
    form_3.MIGRATION,
    form_4.MIGRATION,
    form_5.MIGRATION,
    form_6.MIGRATION,
    form_7.MIGRATION,
    form_8.MIGRATION,
    form_9.MIGRATION,
    form_10.MIGRATION,
)


def is_ours(db: sqlite3.Connection) -> bool:
    """Say whether notturno made the database: by its mark, in form 1 by its migration."""
    mark = db.execute("pragma application_id").fetchone()[0]
    if mark or not db.execute("select 1 from sqlite_schema where name = 'migrations'").fetchone():
        return mark == form_2.APPLICATION_ID
    columns = {row[1] for row in db.execute("pragma table_info (migrations)")}
    if not {"version", "name"} <= columns:
        return False
    first = db.execute("select name from migrations where version = 1").fetchone()
    return first is not None and first[0] == MIGRATIONS[0][0]


def known_version(
    db: sqlite3.Connection, migrations: tuple[tuple[str, tuple], ...] = MIGRATIONS
) -> int:
    """Return the database's form; raises UserError for one that a newer notturno has written."""
    version = db.execute("pragma user_version").fetchone()[0]
    if version > len(migrations):
        raise UserError(
            "The data were written by a newer notturno (form {version}, this "
            "one knows {n_migrations}); update notturno, or choose another "
            "folder with --data-dir.",
            version=version,
            n_migrations=len(migrations),
        )
    return version


def migrate(
    db: sqlite3.Connection,
    migrations: tuple[tuple[str, tuple], ...] = MIGRATIONS,
    now_s: Callable = time.time,
) -> None:
    """Bring the database up to date, each migration in one transaction with its own record.

    A step of a migration is a statement, or a function of the connection. Raises UserError for a
    database that a newer notturno has written.
    """
    while known_version(db, migrations) < len(migrations):
        db.execute("begin immediate")
        try:
            version = known_version(db, migrations)  # another process may have been faster
            if version < len(migrations):
                name, steps = migrations[version]
                for step in steps:
                    step(db) if callable(step) else db.execute(step)
                db.execute(
                    "create table if not exists migrations"
                    " (version integer primary key, name text, applied_utc_ms integer) strict"
                )
                db.execute(
                    "insert into migrations values (?, ?, ?)",
                    (version + 1, name, int(now_s() * 1000)),
                )
                db.execute(f"pragma user_version = {version + 1}")
            db.execute("commit")
        except BaseException:
            db.execute("rollback")
            raise
