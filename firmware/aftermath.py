"""What a start makes of the one before it: its end, its last movements, its date, and why.

Touches the log, the backup and the RTC given. Speaks records of `wire`; ms. Called once, after
`EventLog.open` and before anything records.
"""

from notturno_core import wire
from notturno_core.eventlog import LogFull

# machine.reset_cause() of the ESP32 port -> wire.START_*. A brown-out counts as power-on there.
_CAUSES = {
    1: wire.START_POWER_ON,
    2: wire.START_ASKED,
    3: wire.START_HANG,
    4: wire.START_DEEP_SLEEP,
    5: wire.START_ASKED,
}
FAILED = (wire.START_HANG, wire.START_CRASH)
QUIET_MS = 60_000  # a start that lived so long before it failed is the first of a row again
_MOST = 0xFFFFFFFF


def settle(log, backup, reset_cause, tick_ms, rtc_ms, firmware):
    """Log what became of the start before and that this one begins; return wire.START_*.

    tick_ms, rtc_ms: now. firmware: bytes. What cannot be logged is dropped: the storage tells.
    """
    cause = _CAUSES.get(reset_cause, wire.START_OTHER)
    known = backup.log_id == log.log_id
    crash = backup.crash if known else None
    if crash is not None and cause == wire.START_ASKED:
        cause = wire.START_CRASH
    in_a_row = 0
    if cause in FAILED:
        in_a_row = min(255, backup.in_a_row + 1) if known and backup.tick_ms < QUIET_MS else 1
    sample = 0
    try:
        if known and backup.recording and log.found_open:
            sample = backup.sample
            _end(log, backup)
        _start(log, cause, in_a_row, crash, sample, tick_ms, firmware)
        _date(log, backup, tick_ms, rtc_ms)
        log.flush()
    except (LogFull, OSError) as error:
        print("the start was not logged:", error)
    backup.begin(log.log_id, log.boot_id, in_a_row)
    return cause


def _end(log, backup):
    for payload in backup.rows():
        log.append(wire.REC_EVENT, wire.flagged_event(payload, wire.FLAG_FIRST_NAME))
    values = {
        "sample": backup.sample,
        "tick_ms": backup.tick_ms,
        "reason": wire.END_CRASHED,
        "battery_mv": backup.battery_mv,
    }
    log.append(wire.REC_END, wire.pack(wire.END_FIELDS, values))
    log.found_open = False


def _start(log, cause, in_a_row, crash, sample, tick_ms, firmware):
    line, where, what = crash or (0, b"", b"")
    values = {
        "boot_id": log.boot_id,
        "tick_ms": tick_ms,
        "cause": cause,
        "in_a_row": in_a_row,
        "line": line,
        "sample": sample,
        "where": where,
        "what": what,
        "firmware": firmware,
    }
    log.append(wire.REC_START, wire.pack(wire.START_FIELDS, values))


def _date(log, backup, tick_ms, rtc_ms):
    """Give this start the date of the one before: the RTC has run on through the reset."""
    date = backup.date
    if date is None:
        return
    utc_ms, then_ms, host_id, error_ms, carried_s = date
    since_ms = rtc_ms - then_ms
    if since_ms < 0:
        return  # the RTC has begun anew, and nobody knows when
    values = {
        "boot_id": log.boot_id,
        "tick_ms": tick_ms,
        "utc_ms": utc_ms + since_ms,
        "error_ms": error_ms,
        "host_id": host_id,
        "carried_s": min(_MOST, carried_s + since_ms // 1000),
    }
    log.append(wire.REC_TIME, wire.pack(wire.TIME_FIELDS, values))
