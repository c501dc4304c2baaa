"""Where one recording, its events, minutes and marks lie in time, from its samples and ticks.

Touches one open transaction of the database. The rules are those of `notturno.nights.clocks`.
"""

from notturno_core import wire

from notturno.nights import clocks

# van Hees 2015: a change of direction of 5 degrees or less is none (see scoring.onenight.sleep).
QUIET_TILT_DEG = 5


def insert(db, table, values):
    """Insert a row given as a dict; one that is there already stays as it is."""
    columns = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(
        f"insert or ignore into {table} ({columns}) values ({marks})", tuple(values.values())
    )


def place_session(db, log_key, seq):
    """Place one session, its events, minutes and marks in time."""
    key = (log_key, seq)
    session = db.execute("select * from sessions where log_key = ? and seq = ?", key).fetchone()
    clock = boot_clock(db, session)
    samples = sample_clock(db, session)
    start_tick = samples.tick_ms(0)
    timed = []
    last_sample = max(samples.last_sample, session["end_sample"] or 0)
    for event_seq, onset, duration in db.execute(
        "select seq, onset_sample, duration_samples from events"
        " where log_key = ? and session_seq = ?",
        key,
    ):
        tick = samples.tick_ms(onset)
        end_tick = tick + duration * 1000 / samples.rate_hz
        timed.append(
            (
                clock.utc_ms(tick),
                round(tick - start_tick),
                round(end_tick - tick),
                log_key,
                event_seq,
            )
        )
        last_sample = max(last_sample, onset)
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
    end_tick = max(samples.tick_ms(last_sample), session["end_tick_ms"] or 0)
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
            clock.error_ms(start_tick),
            clock.utc_ms(start_tick),
            clock.utc_ms(end_tick),
            round(samples.recorded_ms(last_sample)),
            last_sample,
            samples.rate_hz,
            *key,
        ),
    )


def boot_clock(db, session) -> clocks.BootClock:
    """Return the clock of the start of the firmware that a recording belongs to."""
    anchors = db.execute(
        "select tick_ms, utc_ms, error_ms from anchors where log_key = ? and boot_id = ?",
        (session["log_key"], session["boot_id"]),
    )
    return clocks.BootClock([clocks.Anchor(*row) for row in anchors])


def sample_clock(db, session) -> clocks.SampleClock:
    """Return what places the samples of a recording on the band's ticks."""
    key = (session["log_key"], session["seq"])
    segments = db.execute(
        "select sample, tick_ms, reason from segments where log_key = ? and session_seq = ?", key
    ).fetchall()
    pairs = db.execute(
        "select sample, tick_ms from minutes where log_key = ? and session_seq = ?", key
    ).fetchall()
    return clocks.SampleClock(
        session["odr_mhz"],
        [tuple(row) for row in segments],
        [tuple(row) for row in pairs],
        session["tick_ms"],
    )
