"""What the logbook is asked: rows in the units people use.

Touches one database connection, reading only. Names carry their units; what a record holds as a
scaled integer (1/16 mg, 1/128, 1/1000 Hz) is a plain number here.
"""

import sqlite3
import struct
from collections.abc import Iterable
from functools import cache

from notturno_core import wire

from notturno.store import form_4, form_10

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

AXES = [f"t.{name}_{axis}_q7" for name in ("direction", "before", "after") for axis in "xyz"]
FACTS = (*form_4.FACTS, *form_10.FACTS)

EVENT_COLUMNS = (
    *("l.device_id", "l.log_id", "t.seq", "t.session_seq", "s.night", "t.kind", "t.flags"),
    *("t.left_out", "t.confidence_pct", "t.onset_utc_ms", "t.onset_ms", "t.duration_ms"),
    *("t.onset_sample", "t.duration_samples", "t.peak_mg", "t.peak_jerk_mg_per_s"),
    *("t.energy_mg2_s", "t.floor_q4_mg", "t.rhythm_mhz", "t.beats", "t.kind_band"),
    *("t.flags_band", "t.layout", "said.said as label", *AXES),
    *(f"t.{fact}" for fact in FACTS),
)

IN_TIME = "s.start_utc_ms, l.device_id, s.boot_id, s.seq, "


def is_simulated(device_id: str) -> bool:
    """Say whether a device id (hex) is that of a virtual band."""
    return device_id.startswith(VIRTUAL_PREFIX)


def flag_names(flags: int, names: dict) -> list[str]:
    """Return the names of the bits that are set."""
    return [name for bit, name in names.items() if flags & bit] if flags else []


def _kind_name(kind: int) -> str:
    name = wire.EVENT_NAMES.get(kind)
    return f"kind {kind}" if name is None else name


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
    """Return the rows of a session's table. more: a further join.

    Only what is asked for stands in the condition, or SQLite would read the whole table.
    """
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


@cache  # a night has thousands of axes, and 256 of these, in 1/127
def _unit(q7: int) -> float:
    return round(q7 / 127, 3)


def _s(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def boot_id_before(db: sqlite3.Connection, log_key: int | None, seq: int) -> int:
    """Return the highest boot named by a stored record below `seq`; 0 where none is."""
    found = [
        db.execute(
            f"select boot_id from {table} where log_key = ? and seq < ?"
            " order by seq desc limit 1",  # boots count up along the log
            (log_key, seq),
        ).fetchone()
        for table in ("sessions", "anchors")
    ]
    return max((row["boot_id"] for row in found if row), default=0)


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
    label = f"{'' if labelled else 'left '}join labels said using (log_key, seq)"
    order = "t.onset_sample, t.seq"
    columns = ", ".join(EVENT_COLUMNS)
    rows = session_rows(db, columns, "events", night, device_id, order, wanted, label)
    rows.row_factory = None  # a night has hundreds, and a row by names is dear
    return [_event(row) for row in rows]


def _event(row: tuple) -> dict:
    """Return an event from its values in the order of EVENT_COLUMNS."""
    (
        (device_id, log_id, seq, session_seq, night, kind, flags, left_out, confidence_pct),
        (onset_utc_ms, onset_ms, duration_ms, onset_sample, duration_samples, peak_mg),
        (peak_jerk, energy, floor_q4, rhythm_mhz, beats, kind_band, flags_band, layout, label),
    ) = row[:9], row[9:15], row[15:24]
    dx, dy, dz, bx, by, bz, ax, ay, az = row[24:33]
    facts = dict(zip(FACTS, row[33:], strict=True))
    rhythm = kind == wire.EVENT_RHYTHM
    return {
        "device_id": device_id,
        "log_id": log_id,
        "seq": seq,
        "session_seq": session_seq,
        "night": night,
        "kind": _kind_name(kind),
        "flags": flags,
        "flag_names": flag_names(flags, wire.FLAG_NAMES),
        "single": kind == wire.EVENT_JERK and left_out is None,
        "left_out": left_out,
        "confidence_pct": confidence_pct,
        "onset_utc_ms": onset_utc_ms,
        "onset_s": _s(onset_ms),
        "duration_s": _s(duration_ms),
        "onset_sample": onset_sample,
        "duration_samples": duration_samples,
        "peak_mg": peak_mg,
        "peak_jerk_mg_per_s": peak_jerk,
        "energy_mg2_s": energy,
        "direction": [_unit(dx), _unit(dy), _unit(dz)],
        "posture_before": [_unit(bx), _unit(by), _unit(bz)],
        "posture_after": [_unit(ax), _unit(ay), _unit(az)],
        "floor_mg": floor_q4 / 16,
        "rhythm_hz": rhythm_mhz / 1000 if rhythm else None,
        "beats": beats if rhythm else None,
        "kind_band": _kind_name(kind_band),
        "flags_band": flags_band,
        "layout": layout,
        **facts,
        "source": wire.SOURCE_NAMES.get(facts["source"]),
        "label": label,
    }


def minutes_about(
    db: sqlite3.Connection, night: str, device_id: str, flag_name: str
) -> list[dict]:
    """Return the minutes of a night that bear a flag and the ones before them, in order.

    Each with what places it in time and its flags alone, as `minutes` names them: what a count by
    the hour asks of a night, over months of them.
    """
    bit = next(bit for bit, name in MINUTE_FLAG_NAMES.items() if name == flag_name)
    rows = db.execute(
        "select log_id, seq, session_seq, end_sample, end_utc_ms, tick_ms, flags from ("
        "select t.seq, t.session_seq, t.sample as end_sample, t.end_utc_ms, t.tick_ms, t.flags,"
        f" l.log_id, {IN_TIME.replace('s.seq, ', 's.seq as part,')} lead(t.flags, 1, 0) over"
        " (partition by t.log_key, t.session_seq order by t.sample) as following"
        " from minutes t join sessions s on s.log_key = t.log_key and s.seq = t.session_seq"
        " join logs l on l.log_key = t.log_key where s.night = ? and l.device_id = ?)"
        " where (flags | following) & ?"
        " order by start_utc_ms, device_id, boot_id, part, end_sample",
        (night, device_id, bit),
    )
    return [
        {**dict(row), "flag_names": flag_names(row["flags"], MINUTE_FLAG_NAMES)} for row in rows
    ]


def minutes(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return the minutes of a night (all for None), in order."""
    columns = (
        "l.device_id, l.log_id, t.seq, t.session_seq, s.night, t.sample, t.end_utc_ms, t.tick_ms,"
        " t.activity_q4_mg, t.floor_jerk_q4_mg, t.floor_move_q4_mg, t.gravity_x_mg,"
        " t.gravity_y_mg, t.gravity_z_mg, t.tilt_max_deg, t.flags, t.jerks, t.lms, t.clipped,"
        " t.temperature_q8_c, t.battery_mv"
    )
    rows = session_rows(db, columns, "minutes", night, device_id, "t.sample")
    rows.row_factory = None  # a night has hundreds, and a row by names is dear
    return [_minute(*row) for row in rows]


def _minute(
    device: str, log_id: int, seq: int, session_seq: int, night: str, sample: int,
    end_utc_ms: int | None, tick_ms: int, activity_q4_mg: int, jerk_q4_mg: int, move_q4_mg: int,
    x_mg: int, y_mg: int, z_mg: int, tilt_max_deg: int, flags: int, jerks: int, lms: int,
    clipped: int, temperature_q8_c: int, battery_mv: int,
) -> dict:  # fmt: skip
    return {
        "device_id": device,
        "log_id": log_id,
        "seq": seq,
        "session_seq": session_seq,
        "night": night,
        "end_sample": sample,
        "end_utc_ms": end_utc_ms,
        "tick_ms": tick_ms,
        "activity_mg": activity_q4_mg / 16,
        "floor_jerk_mg": jerk_q4_mg / 16,
        "floor_move_mg": move_q4_mg / 16,
        "gravity_mg": [x_mg, y_mg, z_mg],
        "tilt_max_deg": tilt_max_deg,
        "flags": flags,
        "flag_names": flag_names(flags, MINUTE_FLAG_NAMES),
        "jerks": jerks,
        "lms": lms,
        "clipped": clipped,
        "temperature_c": _temperature_c(temperature_q8_c),
        "battery_mv": battery_mv,
    }


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
