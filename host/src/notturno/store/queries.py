"""What the logbook is asked: rows in the units people use.

Touches one database connection, reading only. Names carry their units; what a record holds as a
scaled integer (1/16 mg, 1/128, 1/1000 Hz) is a plain number here.
"""

import json
import struct

from notturno_core import wire

END_NAMES = {
    wire.END_DOCKED: "docked",
    wire.END_BATTERY: "battery",
    wire.END_LOG_FULL: "log full",
    wire.END_SENSOR_LOST: "sensor lost",
    wire.END_ASKED: "asked",
}
MINUTE_FLAG_NAMES = {
    wire.MINUTE_NOT_WORN: "not_worn",
    wire.MINUTE_STILL: "still",
    wire.MINUTE_CLIPPED: "clipped",
    wire.MINUTE_AWAKE: "awake",
    wire.MINUTE_GAP: "gap",
    wire.MINUTE_AXIS_DEAD: "axis_dead",
}
VIRTUAL_PREFIX = b"VB".hex()  # device ids of virtual bands begin so

OF_SESSION = (
    " from {} t join sessions s on s.log_key = t.log_key and s.seq = t.session_seq"
    " join logs l on l.log_key = t.log_key"
    " where (?1 is null or s.night = ?1) and (?2 is null or l.device_id = ?2)"
)
IN_TIME = " order by s.start_utc_ms, l.device_id, s.boot_id, s.seq, "


def is_simulated(device_id: str) -> bool:
    """Say whether a device id (hex) is that of a virtual band."""
    return device_id.startswith(VIRTUAL_PREFIX)


def flag_names(flags: int, names: dict) -> list[str]:
    """Return the names of the bits that are set."""
    return [name for bit, name in names.items() if flags & bit]


UNTIL_UNDATED = "9999"  # every date lies before it, and `undated-...` behind it
NAP_KEYS = ("night", "start_utc_ms", "end_utc_ms", "recorded_h", "countable_h", "jerks", "lms")


def _rounded(value, divisor, digits):
    return None if value is None else round(value / divisor, digits)


def nights(db, last, since, until, device_id, night, now_ms) -> list[dict]:
    """Return the rows of the nightly table (`nights.columns.COLUMNS`), oldest first.

    Undated nights stand in front; `last` counts nights, not rows, from the newest; night: this
    one alone, also a nap; now_ms: the moment from which the age of the newest record is told.
    """
    whose = "(?1 is null or device_id = ?1)"
    if night is not None:
        rows = _night_rows(db, f"night = ?2 and {whose} order by device_id", (device_id, night))
        return _with_naps_and_age(db, rows, now_ms)
    # Dated keys are in the order of the primary key, so that ten years need no sorting.
    dated = f"night = of_night and night between ?2 and ?3 and {whose}"
    given = (device_id, since or "", until or UNTIL_UNDATED)
    if last is not None:
        newest = db.execute(
            "select min(night) as first, count(*) as n from (select distinct night from nights"
            f" where {dated} order by night desc limit ?4)",
            (*given, last),
        ).fetchone()
        given = (device_id, newest["first"] or UNTIL_UNDATED, until or UNTIL_UNDATED)
        last -= newest["n"]
    rows = _night_rows(db, f"{dated} order by night, device_id", given)
    if since is None and until is None and last != 0:
        undated = (
            "night in (select distinct night from nights where night = of_night"
            f" and night > '{UNTIL_UNDATED}' and {whose} order by night desc limit ?2) and {whose}"
        )
        limit = -1 if last is None else last
        rows = _night_rows(db, f"{undated} order by night, device_id", (device_id, limit)) + rows
    return _with_naps_and_age(db, rows, now_ms)


def night_names(db) -> list[str]:
    """Return the names of all nights and naps, each once, in the order of `nights`."""
    rows = db.execute("select distinct night, date is null as undated from nights")
    return [row["night"] for row in sorted(rows, key=lambda r: (not r["undated"], r["night"]))]


def person_nights(db, nights) -> list[dict]:
    """Return the rows of the nights named in which both sides were worn, by night."""
    if not nights:
        return []
    wanted = set(nights)
    rows = db.execute(
        "select night, figures from person_nights where night between ? and ? order by night",
        (min(nights), max(nights)),
    )
    return [json.loads(row["figures"]) for row in rows if row["night"] in wanted]


def _with_naps_and_age(db, rows, now_ms):
    naps = _naps(db, rows)
    for row in rows:
        row["naps"] = naps.get((row["night"], row["device_id"]), [])
        end_ms = row["end_utc_ms"]
        row["age_of_newest_s"] = None if end_ms is None else round((now_ms - end_ms) / 1000)
    return rows


def _night_rows(db, condition, given):
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(f"select figures from nights where {condition}", given)
    return [json.loads(figures) for (figures,) in found]


def _naps(db, rows):
    """Return {(night, device_id): [what is told of each nap]} for some rows."""
    found: dict = {}
    if not rows:
        return found
    names = sorted(row["night"] for row in rows)
    for row in db.execute(
        "select of_night, device_id, figures from nights where night <> of_night"
        " and of_night between ? and ? order by start_utc_ms",
        (names[0], names[-1]),
    ):
        nap = json.loads(row["figures"])
        told = {key: nap[key] for key in NAP_KEYS}
        found.setdefault((row["of_night"], row["device_id"]), []).append(told)
    return found


def events(db, night, device_id, kinds) -> list[dict]:
    """Return the events of a night (all for None), by onset."""
    numbers = {name: number for number, name in wire.EVENT_NAMES.items()}
    wanted = None if kinds is None else {numbers[kind] for kind in kinds}
    rows = db.execute(
        "select t.*, s.night, l.device_id, l.log_id"
        + OF_SESSION.format("events")
        + IN_TIME
        + "t.onset_sample, t.seq",
        (night, device_id),
    )
    return [_event(row) for row in rows if wanted is None or row["kind"] in wanted]


def _event(row):
    def axes(name):
        return [round(row[f"{name}_{axis}_q7"] / 127, 3) for axis in "xyz"]

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
    }


def minutes(db, night, device_id) -> list[dict]:
    """Return the minutes of a night (all for None), in order."""
    rows = db.execute(
        "select t.*, s.night, l.device_id, l.log_id"
        + OF_SESSION.format("minutes")
        + IN_TIME
        + "t.sample",
        (night, device_id),
    )
    return [
        {
            "device_id": row["device_id"],
            "log_id": row["log_id"],
            "seq": row["seq"],
            "session_seq": row["session_seq"],
            "night": row["night"],
            "end_sample": row["sample"],
            "end_utc_ms": row["end_utc_ms"],
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
            "temperature_c": round(row["temperature_q8_c"] / 256, 2),
            "battery_mv": row["battery_mv"],
        }
        for row in rows
    ]


def sessions(db, night, device_id) -> list[dict]:
    """Return the recordings of a night (all for None), in order."""
    rows = db.execute(
        "select s.*, l.device_id, l.log_id from sessions s join logs l using (log_key)"
        " where (?1 is null or s.night = ?1) and (?2 is null or l.device_id = ?2)"
        " order by s.start_utc_ms, l.device_id, s.boot_id, s.seq",
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


def gaps(db, night, device_id) -> list[dict]:
    """Return the gaps of a night (all for None): start, end, duration_s and reason."""
    rows = db.execute(
        "select * from gaps where (?1 is null or night = ?1) and (?2 is null or device_id = ?2)"
        " order by night, device_id, start_utc_ms",
        (night, device_id),
    )
    found = [dict(row) for row in rows]
    for gap in found:
        gap["duration_s"] = gap.pop("duration_ms") / 1000
    return found


def marks(db, night, device_id) -> list[dict]:
    """Return the presses of the button: utc_ms (None where the clock is unknown), sample."""
    rows = db.execute(
        "select t.seq, t.sample, t.utc_ms, s.night, l.device_id"
        + OF_SESSION.format("marks")
        + IN_TIME
        + "t.sample",
        (night, device_id),
    )
    return [dict(row) for row in rows]
