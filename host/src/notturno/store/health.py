"""What a band said of itself that a person should know. Touches one database connection, reading.

Read from the records as they came: also those before any session, of which no table tells.
"""

import sqlite3

from notturno_core import checks, wire

CHECK, FAULT, START = "check", "fault", "start"
# Bus faults and overruns are counted in the night's own row; these end recording, or lose records.
TOLD_FAULTS = (
    wire.FAULT_SENSOR_LOST,
    wire.FAULT_STORAGE,
    wire.FAULT_LOG_CORRUPT,
    wire.FAULT_WRONG_CHIP,
    wire.FAULT_RADIO,
)
TOLD_STARTS = (wire.START_HANG, wire.START_CRASH)
KINDS = (wire.REC_CHECK, wire.REC_FAULT, wire.REC_START, wire.REC_TIME)


def devices(db: sqlite3.Connection) -> list[str]:
    """Return the ids of the bands of which records are stored."""
    rows = db.execute("select distinct device_id from logs where records > 0 order by device_id")
    return [row["device_id"] for row in rows]


def last_check(db: sqlite3.Connection, device_id: str) -> dict | None:
    """Return the newest test of itself of a band (wire.CHECK_FIELDS and `seq`); None for none."""
    row = db.execute(
        "select seq, kind, payload from records where log_key = ? and kind = ?"
        " order by seq desc limit 1",
        (_newest_log(db, device_id), wire.REC_CHECK),
    ).fetchone()
    if row is None:
        return None
    values = _values(row)
    return None if values is None else values | {"seq": row["seq"]}


def complaints(db: sqlite3.Connection, device_id: str, from_seq: int | None = None) -> list[dict]:
    """Return what a band's newest log complains of and has not taken back, oldest first.

    from_seq: from that record on; None: since it last recorded a minute. Each kind of complaint
    once, as it was told last: keys seq, what (CHECK, FAULT, START), code (a verdict, wire.FAULT_*,
    wire.START_*). A passed test takes back the tests and the faults before it; a date given takes
    back that it had none.
    """
    log_key = _newest_log(db, device_id)
    if log_key is None:
        return []
    if from_seq is None:
        (last,) = db.execute(
            "select coalesce(max(seq), -1) from minutes where log_key = ?", (log_key,)
        ).fetchone()
        from_seq = last + 1
    found: dict[tuple[str, int], int] = {}
    for row in db.execute(
        "select seq, kind, payload from records where log_key = ? and seq >= ?"
        f" and kind in ({', '.join(map(str, KINDS))}) order by seq",
        (log_key, from_seq),
    ):
        values = _values(row)
        if values is not None:
            _weigh(found, row["kind"], row["seq"], values)
    told = sorted((seq, what, code) for (what, code), seq in found.items())
    return [{"seq": seq, "what": what, "code": code} for seq, what, code in told]


def _weigh(found: dict, kind: int, seq: int, values: dict) -> None:
    if kind == wire.REC_TIME:
        found.pop((CHECK, checks.CLOCK_UNSET), None)
    elif kind == wire.REC_CHECK:
        passed = values["verdict"] == checks.PASS
        for key in [key for key in found if key[0] == CHECK or passed and key[0] == FAULT]:
            del found[key]
        if not passed:
            found[CHECK, values["verdict"]] = seq
    elif kind == wire.REC_FAULT and values["code"] in TOLD_FAULTS:
        found[FAULT, values["code"]] = seq
    elif kind == wire.REC_START and values["cause"] in TOLD_STARTS:
        found[START, values["cause"]] = seq


def _values(row: sqlite3.Row) -> dict | None:
    try:
        return wire.unpack_record(row["kind"], row["payload"])
    except wire.WireError:
        return None  # kept whole, and not understood


def _newest_log(db: sqlite3.Connection, device_id: str) -> int | None:
    """Return the log that a band wrote last, by when it was fetched; None for no band of ours."""
    return db.execute(
        "select max(log_key) from logs where device_id = ? and records > 0", (device_id,)
    ).fetchone()[0]
