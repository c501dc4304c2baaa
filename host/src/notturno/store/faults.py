"""What went wrong on the bands. Touches one database connection, reading only."""

import sqlite3

from notturno_core import wire

FAULT_NAMES = {
    wire.FAULT_I2C: "bus fault",
    wire.FAULT_SENSOR_LOST: "sensor lost",
    wire.FAULT_STORAGE: "storage fault",
    wire.FAULT_LOG_CORRUPT: "log corrupt",
    wire.FAULT_OVERRUN: "overrun",
    wire.FAULT_WRONG_CHIP: "wrong chip",
    wire.FAULT_RADIO: "radio refused",
}


def faults(db: sqlite3.Connection, night: str | None, device_id: str | None) -> list[dict]:
    """Return what went wrong on a band, in the order of its log; of a night or (None) all.

    Keys: device_id, log_id, seq, session_seq and night (None before any session), code, name,
    sample, tick_ms (since the start of the firmware), count, detail.
    """
    asked = {"s.night": night, "l.device_id": device_id}
    given = {column: value for column, value in asked.items() if value is not None}
    rows = db.execute(
        "select l.device_id, l.log_id, t.seq, t.session_seq, s.night, t.code, t.sample, t.tick_ms,"
        " t.count, t.detail from faults t join logs l using (log_key)"
        " left join sessions s on s.log_key = t.log_key and s.seq = t.session_seq"
        f" where {' and '.join(f'{column} = ?' for column in given) or '1'}"
        " order by l.device_id, t.log_key, t.seq",
        tuple(given.values()),
    )
    return [
        dict(row) | {"name": FAULT_NAMES.get(row["code"], f"fault {row['code']}")} for row in rows
    ]
