"""What a session writes besides what it finds: its head, its breaks, its faults, its end.

Touches the log that it is given. Speaks samples of the session, ms since the start of the
firmware, and the records of `wire`. Raises nothing that the storage does: a failing storage does
not stop the sampling, and is told later.
"""

from notturno_core import detector, wire
from notturno_core.eventlog import SPARE_BYTES, LogFull

SPARE_FOR_THE_END = 4096  # the END record may use room that nothing else may
MOST_OWED = 12  # records that a failing storage is offered again, before any other


class Records:
    """The way into the log. `full`: there was no room for a record, set back by who asked."""

    def __init__(self, log, now_ms):
        self._log = log
        self._now_ms = now_ms
        self._owed = []
        self._storage_faults = 0
        self._storage_faults_told = 0
        self._bus_faults_told = 0
        self._sessions = 0
        self.full = False

    def append(self, kind, payload, owed=False):
        """Log a record.

        owed: a record that those behind it are dated by; it is tried again before any other.
        """
        debts = self._owed
        try:
            while debts:
                self._log.append(*debts[0])
                debts.pop(0)
            self._log.append(kind, payload)
        except LogFull:
            self.full = True
        except OSError:
            self._storage_faults += 1
            if owed and len(debts) < MOST_OWED:
                debts.append((kind, payload))
                self._log.lost_records -= 1  # not lost yet

    def flush(self):
        """Make safe what was appended."""
        try:
            self._log.flush()
        except LogFull:
            self.full = True
        except OSError:
            self._storage_faults += 1

    def has_room(self, n):
        """Say whether n bytes more fit, without what no host has confirmed yet."""
        try:
            return self._log.has_room(n)
        except OSError:
            return False  # the next flush finds the storage as it is, and tells

    def close(self):
        """Flush, and give back the numbers that were not used."""
        try:
            self._log.close()
        except (LogFull, OSError):
            self._storage_faults += 1

    # --- a session's own records ----------------------------------------------------------------

    def session(self, imu, config, battery_mv, changed):
        """Write the head of a session, with a sensor that has been started.

        config: the numbers of config.py. changed: JSON of those that a person set, as text.
        """
        log = self._log
        first = not self._sessions
        flags = 0
        if first and log.found_open:
            flags |= wire.SESSION_AFTER_POWER_CUT
        if first and log.torn_tail:
            flags |= wire.SESSION_TORN_TAIL
        values = {
            "boot_id": log.boot_id,
            "tick_ms": self._now_ms(),
            "odr_mhz": imu.odr_mhz,
            "ug_per_lsb": imu.ug_per_lsb,
            "range_g": imu.range_g,
            "sensor_id": imu.sensor_id,
            "detector_version": detector.VERSION,
            "battery_mv": battery_mv,
            "flags": flags,
            "firmware": config.FIRMWARE_VERSION.encode(),
        }
        self.append(wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, values), True)
        self.append(wire.REC_SETTINGS, detector.packed(config.DETECTOR), True)
        text = changed.encode()
        if text != b"{}":
            for at in range(0, len(text), wire.MAX_PAYLOAD_LEN):
                self.append(wire.REC_CONFIG, text[at : at + wire.MAX_PAYLOAD_LEN])
        if first and log.corrupt_records:
            self.fault(wire.FAULT_LOG_CORRUPT, 0, log.corrupt_records, log.torn_tail)
        self._sessions += 1

    def segment(self, reason, sample, tick_ms):
        """An unbroken run of samples begins with that one."""
        values = {"sample": sample, "tick_ms": tick_ms, "reason": reason}
        self.append(wire.REC_SEGMENT, wire.pack(wire.SEGMENT_FIELDS, values), True)

    def gap(self, number, sample, lost):
        """So many samples are missing before that one."""
        values = {
            "kind": wire.EVENT_GAP,
            "number": number,
            "confidence_pct": 100,
            "onset_sample": sample,
            "duration_samples": lost,
        }
        self.append(wire.REC_EVENT, wire.pack_event(values), True)

    def mark(self, sample, tick_ms):
        """The person pressed the button."""
        values = {"sample": sample, "tick_ms": tick_ms}
        self.append(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, values))

    def end(self, values):
        """Write END (of END_FIELDS) into the room that is kept for it, and close the log."""
        self._log.spare_bytes = SPARE_FOR_THE_END
        self.append(wire.REC_END, wire.pack(wire.END_FIELDS, values))
        self.close()
        self._log.spare_bytes = SPARE_BYTES

    # --- faults ---------------------------------------------------------------------------------

    def fault(self, code, sample, count, detail):
        """Something went wrong, so many times."""
        values = {
            "code": code,
            "sample": sample,
            "tick_ms": self._now_ms(),
            "count": min(65535, count),
            "detail": detail & 0xFFFFFFFF,
        }
        self.append(wire.REC_FAULT, wire.pack(wire.FAULT_FIELDS, values))

    def tell_faults(self, bus, sample):
        """Tell what went wrong since this was last asked; bus: the driver's FaultCounts."""
        if bus.transfers > self._bus_faults_told:
            count = bus.transfers - self._bus_faults_told
            self.fault(wire.FAULT_I2C, sample, count, bus.recreated << 16 | bus.unstuck)
            self._bus_faults_told = bus.transfers
        if self._storage_faults > self._storage_faults_told:
            count = self._storage_faults - self._storage_faults_told
            self._storage_faults_told = self._storage_faults
            self.fault(wire.FAULT_STORAGE, sample, count, self._log.lost_records)
