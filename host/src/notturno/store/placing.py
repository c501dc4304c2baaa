"""Where one recording, its events, minutes and marks lie in time, from its samples and ticks.

Touches one open transaction of the database. The rules are those of `notturno.nights`.
"""

import sqlite3
from functools import lru_cache
from typing import Any

from notturno_core import wire

from notturno.nights import anchors, clocks, samples

# van Hees 2015: a change of direction of 5 degrees or less is none (see scoring.onenight.sleep).
QUIET_TILT_DEG = 5
LAST_TICK_MS = (1 << 32) - 1  # of a record; a band starts anew long before


def insert(db: sqlite3.Connection, table: str, values: dict) -> None:
    """Insert a row given as a dict; one that is there already stays as it is."""
    columns = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(
        f"insert or ignore into {table} ({columns}) values ({marks})", tuple(values.values())
    )


def place_session(db: sqlite3.Connection, log_key: int, seq: int) -> None:
    """Place one session, its events, minutes and marks in time."""
    key = (log_key, seq)
    session = db.execute("select * from sessions where log_key = ? and seq = ?", key).fetchone()
    taken = sample_clock(db, session)
    start_tick = max(taken.tick_ms(0), 0)  # ticks begin with the band; before is nothing
    last_sample = max(taken.last_sample, _possible(taken, session["end_sample"] or 0))
    clock = boot_clock(db, session, taken)
    timed = []
    for event_seq, onset, duration in db.execute(
        "select seq, onset_sample, duration_samples from events"
        " where log_key = ? and session_seq = ?",
        key,
    ):
        tick = taken.tick_ms(onset)
        timed.append(
            (
                clock.utc_ms(tick),
                round(clock.span_ms(start_tick, tick)),
                round(taken.duration_ms(onset, duration, clock)),
                log_key,
                event_seq,
            )
        )
        last_sample = max(last_sample, _possible(taken, onset))
    db.executemany(
        "update events set onset_utc_ms = ?, onset_ms = ?, duration_ms = ?"
        " where log_key = ? and seq = ?",
        timed,
    )
    for table, column in (("minutes", "end_utc_ms"), ("marks", "utc_ms")):
        rows = db.execute(
            f"select seq, tick_ms from {table} where log_key = ? and session_seq = ?", key
        ).fetchall()
        db.executemany(
            f"update {table} set {column} = ? where log_key = ? and seq = ?",
            [(clock.utc_ms(row["tick_ms"]), log_key, row["seq"]) for row in rows],
        )
    end_tick = max(start_tick, taken.tick_ms(last_sample), session["end_tick_ms"] or 0)
    quiet = db.execute(
        "select count(*) from minutes where log_key = ? and session_seq = ?"
        " and tilt_max_deg <= ? and flags & ? = 0",
        (*key, QUIET_TILT_DEG, wire.MINUTE_NOT_WORN | wire.MINUTE_AWAKE),
    ).fetchone()[0]
    db.execute(
        "update sessions set quiet_min = ?, clock = ?, clock_error_ms = ?, start_utc_ms = ?,"
        " end_utc_ms = ?, recorded_ms = ?, samples = ?, rate_hz = ?"
        " where log_key = ? and seq = ?",
        (
            quiet,
            clock.kind,
            clock.worst_error_ms(start_tick, end_tick),
            clock.utc_ms(start_tick),
            clock.utc_ms(end_tick),
            round(taken.recorded_ms(last_sample, clock)),
            last_sample,
            _true_rate_hz(taken, clock, start_tick, end_tick),
            *key,
        ),
    )


def _possible(taken: samples.SampleClock, sample: int) -> int:
    """Return a sample's number, 0 where its tick would not fit a record: nobody took it."""
    return sample if taken.tick_ms(sample) <= LAST_TICK_MS else 0


def _true_rate_hz(
    taken: samples.SampleClock, clock: clocks.BootClock, start_tick: float, end_tick: float
) -> float:
    """Return the rate in real time, where the clock tells how long a tick is."""
    ticks = end_tick - start_tick
    return (
        taken.rate_hz * ticks / clock.span_ms(start_tick, end_tick) if ticks > 0 else taken.rate_hz
    )


def boot_clock(
    db: sqlite3.Connection, session: sqlite3.Row, taken: samples.SampleClock
) -> clocks.BootClock:
    """Return the clock of the start of the firmware that a recording belongs to."""
    rows = db.execute(
        "select tick_ms, utc_ms, error_ms, host_id from anchors where log_key = ? and boot_id = ?",
        (session["log_key"], session["boot_id"]),
    )
    near = anchors.near([anchors.Anchor(*row) for row in rows], *reach(session))
    return _clock_of(tuple(near), tuple(taken.rate_changes()), taken.slope)


@lru_cache  # one night asks for its clock several times, and it is dear to make
def _clock_of(
    near: tuple[anchors.Anchor, ...], changes: tuple[float, ...], slope: float | None
) -> clocks.BootClock:
    return clocks.BootClock(list(near), changes, slope)


def reach(session: sqlite3.Row) -> tuple[Any, float | Any]:
    """Return the first and last tick of a session's row, for which anchors are looked for."""
    end = session["end_tick_ms"]
    return session["tick_ms"], float("inf") if end is None else end


def sample_clock(db: sqlite3.Connection, session: sqlite3.Row) -> samples.SampleClock:
    """Return what places the samples of a recording on the band's ticks."""
    key = (session["log_key"], session["seq"])
    segments = db.execute(
        "select sample, tick_ms, reason from segments where log_key = ? and session_seq = ?", key
    ).fetchall()
    pairs = db.execute(
        "select sample, tick_ms from minutes where log_key = ? and session_seq = ?", key
    ).fetchall()
    end = session["end_sample"]
    if end is not None and all(row["sample"] < end for row in segments):
        pairs.append((end, session["end_tick_ms"]))  # else nothing was heard in the last run
    lost = db.execute(
        "select onset_sample, duration_samples from events"
        " where log_key = ? and session_seq = ? and kind = ?",
        (*key, wire.EVENT_GAP),
    ).fetchall()
    return samples.SampleClock(
        session["odr_mhz"],
        [tuple(row) for row in segments],
        [tuple(row) for row in pairs],
        session["tick_ms"],
        [tuple(row) for row in lost],
    )
