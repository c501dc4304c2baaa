"""From record frames to tables: decode once, and keep what follows from it true.

Touches one open transaction of the database. Speaks the layouts of `notturno_core.wire`.
"""

from notturno_core import wire

from notturno.nights import anchors
from notturno.store.derive import refresh
from notturno.store.placing import insert, reach

SESSION_TABLES = {
    wire.REC_SEGMENT: "segments",
    wire.REC_EVENT: "events",
    wire.REC_MINUTE: "minutes",
    wire.REC_FAULT: "faults",  # also without a session: a band that cannot start says so
    wire.REC_MARK: "marks",
}


def add_frames(db, log_key: int, sync_id: int, zone: str, frames) -> tuple[int, int]:
    """Store whole frames (bytes), ascending; return (new records, new events).

    A record already there is left as it is. Raises wire.WireError for bytes that are no frame.
    """
    new_records = new_events = 0
    touched = set()  # session seq
    retimed = {}  # boot_id: anchors
    session_seq = None
    for frame in frames:
        found = wire.frame_at(frame, 0, len(frame))
        if found is None:
            raise wire.WireError("not a record frame")
        seq, kind, start, length = found
        payload = bytes(frame[start : length - wire.CRC_LEN])
        added = db.execute(
            "insert or ignore into records values (?, ?, ?, ?, ?)",
            (log_key, seq, kind, payload, sync_id),
        ).rowcount
        if not added:
            continue
        new_records += 1
        if kind == wire.REC_SESSION:
            session_seq = seq
        elif session_seq is None or session_seq > seq:
            session_seq = _session_before(db, log_key, seq)
        try:
            _decode(db, log_key, seq, kind, payload, session_seq, zone, retimed)
        except wire.WireError:
            continue  # a layout this version does not know; the record itself is kept
        new_events += kind == wire.REC_EVENT
        if session_seq is not None:
            touched.add(session_seq)
    db.execute("update logs set records = records + ? where log_key = ?", (new_records, log_key))
    for boot_id, new in retimed.items():
        touched |= _sessions_timed_by(db, log_key, boot_id, new)
    refresh(db, log_key, touched)
    return new_records, new_events


def _session_before(db, log_key, seq):
    row = db.execute(
        "select max(seq) as seq from sessions where log_key = ? and seq < ?", (log_key, seq)
    ).fetchone()
    return row["seq"]


def _text(data):
    return data.rstrip(b"\0").decode("ascii", "replace")


def _split_axes(values, field, prefix, suffix):
    for axis, value in zip("xyz", values.pop(field), strict=True):
        values[f"{prefix}_{axis}_{suffix}"] = value


def _decode(db, log_key, seq, kind, payload, session_seq, zone, retimed):
    if kind == wire.REC_SETTINGS and session_seq is not None:
        db.execute(
            "update sessions set settings = ? where log_key = ? and seq = ?",
            (payload, log_key, session_seq),
        )
    fields = wire.PAYLOAD_FIELDS.get(kind)
    if fields is None:
        return
    values = wire.unpack(fields, payload)
    key = {"log_key": log_key, "seq": seq}
    if kind == wire.REC_SESSION:
        values["firmware"] = _text(values["firmware"])
        insert(db, "sessions", key | {"zone": zone} | values)
    elif kind == wire.REC_TIME:
        if not anchors.is_a_time(values["utc_ms"]):
            return  # a host with a broken clock; the record itself is kept
        insert(db, "anchors", key | values)
        anchor = anchors.Anchor(values["tick_ms"], values["utc_ms"], values["error_ms"])
        retimed.setdefault(values["boot_id"], set()).add(anchor)
    elif kind == wire.REC_END and session_seq is not None:
        db.execute(
            "update sessions set end_sample = ?, end_tick_ms = ?, end_reason = ?,"
            " end_battery_mv = ?, faults = ?, overruns = ? where log_key = ? and seq = ?",
            (*values.values(), log_key, session_seq),
        )
    elif kind == wire.REC_FAULT or (kind in SESSION_TABLES and session_seq is not None):
        if kind == wire.REC_EVENT:
            _split_axes(values, "direction_q7", "direction", "q7")
            _split_axes(values, "posture_before_q7", "before", "q7")
            _split_axes(values, "posture_after_q7", "after", "q7")
        elif kind == wire.REC_MINUTE:
            _split_axes(values, "gravity_mg", "gravity", "mg")
        insert(db, SESSION_TABLES[kind], key | {"session_seq": session_seq} | values)


def _sessions_timed_by(db, log_key, boot_id, new):
    """Return the sessions whose place in time the new anchors (a set) can move."""
    boot = (log_key, boot_id)
    known = [
        anchors.Anchor(*row)
        for row in db.execute(
            "select tick_ms, utc_ms, error_ms from anchors where log_key = ? and boot_id = ?", boot
        )
    ]
    sessions = db.execute(
        "select seq, tick_ms, end_tick_ms from sessions where log_key = ? and boot_id = ?", boot
    )
    return {row["seq"] for row in sessions if not new.isdisjoint(anchors.near(known, *reach(row)))}
