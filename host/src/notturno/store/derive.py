"""What follows from the records: where a session lies in time, and the summary of a night.

Touches one open transaction of the database. Takes the rules from `notturno.nights`; here stands
only which rows they are applied to.
"""

from notturno_core import wire

from notturno.nights import anchors, calendar, clocks, samples

GAP_REASONS = {
    wire.SEGMENT_OVERRUN: "overrun",
    wire.SEGMENT_BUS_FAULT: "bus fault",
}
BETWEEN_SESSIONS = "between sessions"


def insert(db, table, values):
    columns = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(
        f"insert or ignore into {table} ({columns}) values ({marks})", tuple(values.values())
    )


def derive_session(db, log_key, seq):
    """Place one session, its events, minutes and marks in time; return the nights it touches."""
    key = (log_key, seq)
    session = db.execute("select * from sessions where log_key = ? and seq = ?", key).fetchone()
    taken = _sample_clock(db, session)
    start_tick = taken.tick_ms(0)
    last_sample = max(taken.last_sample, session["end_sample"] or 0)
    clock = _boot_clock(db, session, taken)
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
    end_tick = max(taken.tick_ms(last_sample), session["end_tick_ms"] or 0)
    start_utc_ms = clock.utc_ms(start_tick)
    if start_utc_ms is None:
        night = f"undated-{session['boot_id']}"
    else:
        night = calendar.night_of(start_utc_ms, session["zone"])
    db.execute(
        "update sessions set night = ?, clock = ?, clock_error_ms = ?, start_utc_ms = ?,"
        " end_utc_ms = ?, recorded_ms = ?, samples = ?, rate_hz = ?"
        " where log_key = ? and seq = ?",
        (
            night,
            clock.kind,
            clock.worst_error_ms(start_tick, end_tick),
            start_utc_ms,
            clock.utc_ms(end_tick),
            round(taken.recorded_ms(last_sample, clock)),
            last_sample,
            taken.rate_hz,
            *key,
        ),
    )
    return {night, session["night"]} - {None}


def _boot_clock(db, session, taken):
    rows = db.execute(
        "select tick_ms, utc_ms, error_ms from anchors where log_key = ? and boot_id = ?",
        (session["log_key"], session["boot_id"]),
    )
    near = anchors.near([anchors.Anchor(*row) for row in rows], *reach(session))
    return clocks.BootClock(near, taken.rate_changes())


def reach(session):
    """Return the first and last tick of a session's row, for which anchors are looked for."""
    end = session["end_tick_ms"]
    return session["tick_ms"], float("inf") if end is None else end


def _sample_clock(db, session):
    key = (session["log_key"], session["seq"])
    segments = db.execute(
        "select sample, tick_ms, reason from segments where log_key = ? and session_seq = ?", key
    ).fetchall()
    pairs = db.execute(
        "select sample, tick_ms from minutes where log_key = ? and session_seq = ?", key
    ).fetchall()
    return samples.SampleClock(
        session["odr_mhz"],
        [tuple(row) for row in segments],
        [tuple(row) for row in pairs],
        session["tick_ms"],
    )


def derive_night(db, night, device_id):
    """Make the summary row and the gaps of one night of one band again."""
    for table in ("nightly", "gaps"):
        db.execute(f"delete from {table} where night = ? and device_id = ?", (night, device_id))
    sessions = db.execute(
        "select sessions.* from sessions join logs using (log_key)"
        " where night = ? and device_id = ? order by start_utc_ms, log_key, seq",
        (night, device_id),
    ).fetchall()
    if not sessions:
        return
    gaps = _gaps(db, sessions)
    db.executemany(
        "insert into gaps values (?, ?, ?, ?, ?, ?)",
        [(night, device_id, *gap) for gap in gaps],
    )
    of_night = (
        "join sessions s on s.log_key = t.log_key and s.seq = t.session_seq"
        " join logs on logs.log_key = s.log_key where s.night = ? and device_id = ?"
    )
    counted = db.execute(
        "select coalesce(sum(single), 0) as jerks,"
        " coalesce(sum(kind = ?), 0) as jerks_all, coalesce(sum(kind = ?), 0) as lms,"
        " coalesce(sum(kind = ?), 0) as rhythms, coalesce(sum(kind = ?), 0) as postures,"
        " coalesce(sum(duration_ms) filter (where kind = ?), 0) as awake_ms,"
        f" max(peak_mg) filter (where single) as largest_mg from events t {of_night}",
        (
            wire.EVENT_JERK,
            wire.EVENT_LM,
            wire.EVENT_RHYTHM,
            wire.EVENT_POSTURE,
            wire.EVENT_AWAKE,
            night,
            device_id,
        ),
    ).fetchone()
    summed = db.execute(
        "select coalesce(sum(t.flags & ? != 0), 0) as not_worn_min,"
        f" avg(temperature_q8_c) as temperature_q8_c from minutes t {of_night}",
        (wire.MINUTE_NOT_WORN, night, device_id),
    ).fetchone()
    last = sessions[-1]
    battery = last["end_battery_mv"]
    if battery is None:
        row = db.execute(
            "select battery_mv from minutes where log_key = ? and session_seq = ?"
            " order by seq desc limit 1",
            (last["log_key"], last["seq"]),
        ).fetchone()
        battery = row["battery_mv"] if row else last["battery_mv"]
    dated = last["start_utc_ms"] is not None
    rank = ("unknown", "estimated", "measured")
    insert(
        db,
        "nightly",
        {
            "night": night,
            "device_id": device_id,
            "date": night if dated else None,
            "zone": sessions[0]["zone"],
            "clock": min((row["clock"] for row in sessions), key=rank.index),
            "clock_error_ms": max(row["clock_error_ms"] for row in sessions) if dated else None,
            "start_utc_ms": sessions[0]["start_utc_ms"],
            "end_utc_ms": max(row["end_utc_ms"] for row in sessions) if dated else None,
            "recorded_ms": sum(row["recorded_ms"] for row in sessions),
            **dict(counted),
            **dict(summed),
            "gaps": len(gaps),
            "gap_ms": sum(gap[2] for gap in gaps),
            "battery_mv": battery,
            "sessions": len(sessions),
            "firmware": last["firmware"],
            "detector_version": last["detector_version"],
        },
    )


def _gaps(db, sessions):
    """Return (start_utc_ms, end_utc_ms, duration_ms, reason) inside and between sessions."""
    found = []
    end_utc_ms = None
    for session in sessions:
        if end_utc_ms is not None and session["start_utc_ms"] > end_utc_ms:
            start = session["start_utc_ms"]
            found.append((end_utc_ms, start, start - end_utc_ms, BETWEEN_SESSIONS))
        if session["end_utc_ms"] is not None:
            end_utc_ms = max(end_utc_ms or 0, session["end_utc_ms"])
        taken = _sample_clock(db, session)
        clock = _boot_clock(db, session, taken)
        for gap in taken.gaps():
            ticks = gap.start_tick_ms, gap.end_tick_ms
            reason = GAP_REASONS.get(gap.reason, "unknown")
            found.append((*map(clock.utc_ms, ticks), round(clock.span_ms(*ticks)), reason))
    return found
