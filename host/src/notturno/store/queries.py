"""What the logbook is asked: rows in the units people use.

Touches one database connection, reading only. Names carry their units; what a record holds as a
scaled integer (1/16 mg, 1/128, 1/1000 Hz) is a plain number here.
"""

import sqlite3
import struct
from collections.abc import Iterable

from notturno_core import wire

from notturno.store.form_4 import FACTS

END_NAMES = {
    wire.END_DOCKED: "docked",
    wire.END_BATTERY: "battery",
    wire.END_LOG_FULL: "log full",
    wire.END_SENSOR_LOST: "sensor lost",
    wire.END_ASKED: "asked",
    wire.END_CRASHED: "crashed",
    wire.END_NOT_WORN: "not worn",
}
MINUTE_FLAG_NAMES = {
    wire.MINUTE_NOT_WORN: "not_worn",
    wire.MINUTE_STILL: "still",
    wire.MINUTE_CLIPPED: "clipped",
    wire.MINUTE_AWAKE: "awake",
    wire.MINUTE_GAP: "gap",
    wire.MINUTE_AXIS_DEAD: "axis_dead",
    wire.MINUTE_IMPLAUSIBLE: "implausible",
}
VIRTUAL_PREFIX = b"VB".hex()  # device ids of virtual bands begin so

AXES = {
    name: tuple(f"{name}_{axis}_q7" for axis in "xyz") for name in ("direction", "before", "after")
}
# What an event's axes hold, in 1/127, as it is told; a night has thousands of them.
UNIT_OF_Q7 = {q7: round(q7 / 127, 3) for q7 in range(-128, 128)}

IN_TIME = "s.start_utc_ms, l.device_id, s.boot_id, s.seq, "


def is_simulated(device_id: str) -> bool:
    """Say whether a device id (hex) is that of a virtual band."""
    return device_id.startswith(VIRTUAL_PREFIX)


def flag_names(flags: int, names: dict) -> list[str]:
    """Return the names of the bits that are set."""
    return [name for bit, name in names.items() if flags & bit] if flags else []


def session_rows(
    db: sqlite3.Connection,
    columns: str,
    table: str,
    night: str | None,
    device_id: str | None,
    order: str,
    kinds: list[int] | None = None,
    more: str = "",
) -> sqlite3.Cursor:
    """Return the rows of a session's table; only what is asked for stands in the condition, or
    SQLite would read the whole table. more: a further join."""
    asked = {"s.night": night, "l.device_id": device_id}
    given = {column: value for column, value in asked.items() if value is not None}
    conditions = [f"{column} = ?" for column in given]
    values = list(given.values())
    if kinds is not None:
        conditions.append(f"t.kind in ({', '.join('?' * len(kinds))})")
        values += kinds
    return db.execute(
        f"select {columns} from {table} t"
        " join sessions s on s.log_key = t.log_key and s.seq = t.session_seq"
        f" join logs l on l.log_key = t.log_key {more}"
        f" where {' and '.join(conditions) or '1'} order by {IN_TIME}{order}",
        values,
    )


def _rounded(value: int | None, divisor: int, digits: int) -> float | None:
    return None if value is None else round(value / divisor, digits)


def events(
    db: sqlite3.Connection,
    night: str | None,
    device_id: str | None,
    kinds: Iterable[str] | None,
    labelled: bool = False,
) -> list[dict]:
    """Return the events of a night (all for None), by onset; or those that bear a label alone."""
    numbers = {name: number for number, name in wire.EVENT_NAMES.items()}
    wanted = None if kinds is None else [numbers[kind] for kind in kinds]
    columns = "t.*, s.night, l.device_id, l.log_id, said.said as label"
    label = f"{'' if labelled else 'left '}join labels said using (log_key, seq)"
    order = "t.onset_sample, t.seq"
    rows = session_rows(db, columns, "events", night, device_id, order, wanted, label)
    return [_event(row) for row in rows]


def _event(row: sqlite3.Row) -> dict:
    def axes(name: str) -> list[float]:
        x, y, z = AXES[name]
        return [UNIT_OF_Q7[row[x]], UNIT_OF_Q7[row[y]], UNIT_OF_Q7[row[z]]]

    rhythm = row["kind"] == wire.EVENT_RHYTHM
    return {
        "device_id": row["device_id"],
        "log_id": row["log_id"],
        "seq": row["seq"],
        "session_seq": row["session_seq"],
        "night": row["night"],
        "kind": wire.EVENT_NAMES.get(row["kind"], f"kind {row['kind']}"),
        "flags": row["flags"],
        "flag_names": flag_names(row["flags"], wire.FLAG_NAMES),
        "single": row["kind"] == wire.EVENT_JERK and row["left_out"] is None,
        "left_out": row["left_out"],
        "confidence_pct": row["confidence_pct"],
        "onset_utc_ms": row["onset_utc_ms"],
        "onset_s": _rounded(row["onset_ms"], 1000, 3),
        "duration_s": _rounded(row["duration_ms"], 1000, 3),
        "onset_sample": row["onset_sample"],
        "duration_samples": row["duration_samples"],
        "peak_mg": row["peak_mg"],
        "peak_jerk_mg_per_s": row["peak_jerk_mg_per_s"],
        "energy_mg2_s": row["energy_mg2_s"],
        "direction": axes("direction"),
        "posture_before": axes("before"),
        "posture_after": axes("after"),
        "floor_mg": row["floor_q4_mg"] / 16,
        "rhythm_hz": row["rhythm_mhz"] / 1000 if rhythm else None,
        "beats": row["beats"] if rhythm else None,
        "kind_band": wire.EVENT_NAMES.get(row["kind_band"], f"kind {row['kind_band']}"),
        "flags_band": row["flags_band"],
        "layout": row["layout"],
        **{fact: row[fact] for fact in FACTS},
        "source": wire.SOURCE_NAMES.get(row["source"]),
        "label": row["label"],
    }


def minutes(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return the minutes of a night (all for None), in order."""
    columns = "t.*, s.night, l.device_id, l.log_id"
    rows = session_rows(db, columns, "minutes", night, device_id, "t.sample")
    return [
        {
            "device_id": row["device_id"],
            "log_id": row["log_id"],
            "seq": row["seq"],
            "session_seq": row["session_seq"],
            "night": row["night"],
            "end_sample": row["sample"],
            "end_utc_ms": row["end_utc_ms"],
            "tick_ms": row["tick_ms"],
            "activity_mg": row["activity_q4_mg"] / 16,
            "floor_jerk_mg": row["floor_jerk_q4_mg"] / 16,
            "floor_move_mg": row["floor_move_q4_mg"] / 16,
            "gravity_mg": [row[f"gravity_{axis}_mg"] for axis in "xyz"],
            "tilt_max_deg": row["tilt_max_deg"],
            "flags": row["flags"],
            "flag_names": flag_names(row["flags"], MINUTE_FLAG_NAMES),
            "jerks": row["jerks"],
            "lms": row["lms"],
            "clipped": row["clipped"],
            "temperature_c": _temperature_c(row["temperature_q8_c"]),
            "battery_mv": row["battery_mv"],
        }
        for row in rows
    ]


def _temperature_c(q8_c: int) -> float | None:
    return None if q8_c == wire.NO_TEMPERATURE_Q8_C else round(q8_c / 256, 2)


def sessions(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return the recordings of a night (all for None), in order."""
    rows = db.execute(
        "select s.*, l.device_id, l.log_id from sessions s join logs l using (log_key)"
        " where (?2 is null or l.device_id = ?2)"
        + ("" if night is None else " and s.night = ?1")
        + " order by s.start_utc_ms, l.device_id, s.boot_id, s.seq",
        (night, device_id),
    )
    found = []
    for row in rows:
        session = dict(row)
        settings = session["settings"]
        words = len(settings) // 4
        reason = session["end_reason"]
        for name in ("log_key", "end_sample", "end_tick_ms"):
            del session[name]
        found.append(
            session
            | {
                "settings": list(struct.unpack_from(f"<{words}i", settings)),
                "end_reason": None if reason is None else END_NAMES.get(reason, str(reason)),
                "recorded_s": session.pop("recorded_ms") / 1000,
                "simulated": is_simulated(row["device_id"]),
            }
        )
    return found


def gaps(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return the gaps of a night (all for None): start, end (UTC and tick), duration_s, reason."""
    rows = db.execute(
        "select * from gaps where (?2 is null or device_id = ?2)"
        + ("" if night is None else " and night = ?1")
        + " order by night, device_id, start_utc_ms, start_tick_ms",
        (night, device_id),
    )
    found = [dict(row) for row in rows]
    for gap in found:
        gap["duration_s"] = gap.pop("duration_ms") / 1000
    return found


def marks(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return the presses of the button: utc_ms (None where the clock is unknown), sample."""
    columns = "t.seq, t.sample, t.utc_ms, s.night, l.device_id"
    rows = session_rows(db, columns, "marks", night, device_id, "t.sample")
    return [dict(row) for row in rows]
