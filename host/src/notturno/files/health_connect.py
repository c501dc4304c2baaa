"""The sleeps of a Health Connect export: a SQLite database, as Android writes it, in a zip.

Reads one file, in a copy of its own in memory; writes nothing. Table `sleep_session_record_table`:
start_time and end_time in ms since 1970 UTC, start_zone_offset in seconds, app_info_id: whose word
it is. Of two programs that saw one night the one that saw more of it is believed.
"""

import sqlite3

from notturno.errors import Phrase, UserError
from notturno.files.sleeps import HEALTH_CONNECT, OfDevice, Sleeps, moment, of_devices
from notturno.nights.calendar import fixed_zone_name

QUESTION = (
    "select row_id, start_time, end_time, start_zone_offset, {whose}"
    " from sleep_session_record_table order by start_time"
)


def read(data: bytes) -> Sleeps | None:
    """Return the sleeps of a database's bytes; None where it holds no such table."""
    db = sqlite3.connect(":memory:")
    try:
        db.deserialize(data[:18] + b"\1\1" + data[20:])  # in memory there is no write-ahead log
        table = db.execute("pragma table_info(sleep_session_record_table)").fetchall()
        whose = "app_info_id" if "app_info_id" in {column[1] for column in table} else "null"
        rows = db.execute(QUESTION.format(whose=whose)).fetchall()
    except sqlite3.Error:
        return None
    finally:
        db.close()
    return of_devices(
        HEALTH_CONNECT,
        (
            OfDevice(
                str(program),
                0,
                Phrase("row {number}", number=number),
                moment(start),
                moment(end),
                _zone(offset),
            )
            for number, start, end, offset, program in rows
        ),
    )


def _zone(offset_s: int | None) -> str:
    minutes = int((offset_s or 0) / 60)
    return fixed_zone_name(minutes) if abs(minutes) < 24 * 60 else "UTC"


def known(data: bytes, name: str) -> Sleeps:
    """Return the sleeps of a database that is Health Connect's; UserError for any other one."""
    found = read(data)
    if found is None:
        raise UserError(
            "{name} is a database, but no export of Health Connect; a folder of notturno is "
            "opened with --data-dir, a backup by notturno restore.",
            name=name,
        )
    return found
