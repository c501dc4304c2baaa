"""One session: IMU samples -> detector -> event log. Knows neither pins nor radio.

Touches the IMU, the log, and two callables given. Speaks samples of the session, ms since the
start of the firmware, and the records of `wire`.

The sample index is the session's time axis. Records that pair a sample with a tick are dated from
the moment the FIFO's fill level was asked: the newest sample was then half a period old on
average, and the others lie one period apart before it.
"""

import gc
from array import array

from backup import Backup
from drivers import GAP_OVERRUN, SensorLost, WrongChip
from notturno_core import detector, plausible, wire
from notturno_core.eventlog import SPARE_BYTES, LogFull
from notturno_core.snippets import Snippets

SPARE_FOR_THE_END = 4096  # the END record may use room that nothing else may
# A sensor that is lost is looked for all night. These pauses are short while a wire may just have
# moved, and never so long that a night loses more than a quarter of a minute after it is back.
RETRY_MS = (500, 1000, 2000, 5000, 10000)
TELL_EVERY_TRIES = 60  # ten minutes: a fault that lasts is told again, not each time
SILENCE_MS = 5000  # a sensor that gives no sample for so long has lost its registers
HANDLING_MS = 10000  # before the dock, it is the hand that moves the band
# Waveforms are written while so much flash is free: a week of nights without them, none of which
# was fetched.
SNIPPETS_LEAVE_BYTES = 400000
# A run without a gap tells the chip's rate: from 20 s on better than the chip itself (from 4 s on
# where both differ by more than it can be off), and ten minutes better than any run before it.
RATE_SOON_MS, RATE_LEAST_MS, RATE_FROM_MS = 4000, 20000, 600000
CHIP_WITHIN = 160  # the chip's word for its rate is within 1/160
MOST_OWED = 12  # records that a failing storage is offered again, before any other
RATE_WITHIN = 25  # a rate off by more than 1/25 is none
DRAIN_MARGIN_MS = 5  # ask a little after the watermark, not a little before


class Recorder:
    """Records sessions, one after the other.

    now_ms: callable, ms since the start. battery_mv: callable. config: the numbers of config.py.
    backup: what outlives a reset (see backup.py); None: nothing does.
    """

    def __init__(self, imu, log, now_ms, battery_mv, config, backup=None):
        self._imu = imu
        self._log = log
        self._now_ms = now_ms
        self._battery_mv = battery_mv
        self._config = config
        self._backup = backup or Backup(_nothing)
        self._samples_buf = array("H", [0] * (3 * detector.MAX_CHUNK))
        self._snippets = Snippets(config.SNIPPET_BYTES)
        self._ended_ms = None  # when the session before did
        self._detector = detector.Detector()
        self._end_ms = 0
        self._rate_mhz = 0  # by our own tick, once that is known; the chip's word until then
        self.changed_settings = "{}"  # JSON, for the log
        self.on_provisional = None  # callable(payload): a movement as it is called at first
        self._sessions = 0
        self._faults_told = 0
        self._storage_faults = 0
        self._storage_faults_told = 0
        self._start_tries = 0
        self._vain = 0  # times that it was tried to begin the sensor anew since its last sample
        self._anew = False  # it has been, and no sample came yet
        self._untold = []
        self._owed = []
        self.recording = False
        self.end_reason = 0  # why the last session ended
        self.samples = 0
        self.still_min = 0  # minutes in a row in which it was not worn

    # --- life of a session ----------------------------------------------------------------------

    def start(self):
        """Begin a session. Raises SensorLost or WrongChip; the log then has a FAULT.

        Called again and again while the sensor refuses, it tells so from time to time only.
        """
        config = self._config
        try:
            imu = self._imu = self._imu.found()
            imu.now_ms = self._now_ms
            imu.start(config.ODR_HZ, config.RANGE_G, config.WATERMARK)
        except (SensorLost, WrongChip) as error:
            if self._start_tries % TELL_EVERY_TRIES == 0:
                self.samples = 0
                if isinstance(error, WrongChip):
                    self._fault(wire.FAULT_WRONG_CHIP, 1 + self._start_tries, self._imu.sensor_id)
                else:
                    self._fault(
                        wire.FAULT_SENSOR_LOST,
                        1 + self._start_tries,
                        self._imu.faults.transfers,
                    )
                self._flush()
            self._start_tries += 1
            raise
        self._start_tries = 0
        self._detector.restart(imu.odr_mhz, imu.ug_per_lsb, **config.DETECTOR)
        self.samples = 0
        self._anchor_sample = self._run_sample = self._run_end_ms = 0
        if abs(self._rate_mhz - imu.odr_mhz) * RATE_WITHIN > imu.odr_mhz:
            self._rate_mhz = imu.odr_mhz
        self._rate_ms = self._rate_over_ms = self._rate_sample = 0
        self._anchor_ms = self._end_ms = self._now_ms()
        pause_ms = None if self._ended_ms is None else self._anchor_ms - self._ended_ms
        self._snippets.begin(imu.odr_mhz, self._log.log_id ^ self._log.boot_id, pause_ms)
        self._look_for_room()
        self._asks = imu.asks
        self._overruns_before = imu.faults.overruns
        self._faults_before = imu.faults.transfers
        self._gap_in_minute = False
        self._gap_sample = None
        self._handled_sample = 1 << 30  # none yet
        self._tries = self._vain = 0
        self._anew = False
        self._heard_ms = self._anchor_ms
        self._full = False
        self.still_min = 0
        self.recording = True
        self.end_reason = 0
        self._backup.battery_mv = self._battery_mv()
        self._untold.clear()
        self._backup.session(True)
        self._write_session()
        self._segment(wire.SEGMENT_START)
        self._flush()
        self._keep()
        self._sessions += 1

    @property
    def imu(self):
        """The driver, or what looks for one."""
        return self._imu

    def retry_ms(self):
        """Return how long to wait before a sensor that refused is asked again."""
        return RETRY_MS[min(self._start_tries, len(RETRY_MS)) - 1]

    def stop(self, reason):
        """End the session: open events are closed, and END says why."""
        if not self.recording:
            return
        if reason not in (wire.END_LOG_FULL, wire.END_CRASHED) and not self._tries:
            try:
                self._drain_all()  # what came since the last drain belongs to the night
            except SensorLost:
                self._tries = 1  # it is counted, and the night ends anyway
        if self._tries or self._anew:
            self._anchor_ms, self._anchor_sample = self._now_ms(), self.samples
            self._break(wire.SEGMENT_BUS_FAULT)  # nothing was heard until now: no night, a gap
        if reason == wire.END_DOCKED:
            self._handled_sample = self.samples - HANDLING_MS * self._imu.odr_mhz // 1000000
        self._tell(self._detector.finish())
        self.recording = False
        self.end_reason = reason
        self._ended_ms = self._now_ms()
        self._tell_faults()
        self._log.spare_bytes = SPARE_FOR_THE_END
        self._append(
            wire.REC_END,
            wire.pack(
                wire.END_FIELDS,
                {
                    "sample": self.samples,
                    "tick_ms": self._end_ms if self.samples > self._run_sample else self._now_ms(),
                    "reason": reason,
                    "battery_mv": self._battery_mv(),
                    "faults": min(65535, self._imu.faults.transfers - self._faults_before),
                    "overruns": min(65535, self._imu.faults.overruns - self._overruns_before),
                },
            ),
        )
        try:
            self._log.close()
        except (LogFull, OSError):
            self._storage_faults += 1
        self._log.spare_bytes = SPARE_BYTES
        self._backup.session(False, reason not in (wire.END_DOCKED, wire.END_CRASHED))
        self._keep()
        try:
            self._imu.stop()
        except SensorLost:
            pass  # nothing to power down; the faults are counted

    def moment(self):
        """Return (sample, tick) of now."""
        now_ms = self._now_ms()
        since = (now_ms - self._anchor_ms) * self._imu.odr_mhz // 1000000
        return self._anchor_sample + since, now_ms

    def mark(self, moment=None):
        """The person pressed the button, at a `moment()`; None: now."""
        sample, tick_ms = moment or self.moment()
        values = {"sample": sample, "tick_ms": tick_ms}
        self._append(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, values))

    def park(self):
        """Before a deep sleep: the sensor is powered down, the log closed, all of it kept."""
        try:
            self._imu.stop()
        except SensorLost:
            pass
        try:
            self._log.close()
        except (LogFull, OSError):
            self._storage_faults += 1
        self._backup.session(False, True)
        self._keep()

    # --- the loop's work ------------------------------------------------------------------------

    def drain(self):
        """Take what the sensor has, detect, log; return the ms until it is worth coming back."""
        before = self.samples
        try:
            self._drain_all()
            if self.samples > before:
                self._tries = self._vain = 0
                self._heard_ms = self._now_ms()
            elif self._now_ms() - self._heard_ms > SILENCE_MS:
                self._revive()  # it answers, but its supply was gone for a moment: it sleeps
        except SensorLost:
            self._revive()
        if self._full and self.recording:
            self.stop(wire.END_LOG_FULL)
        if not self.recording:
            return RETRY_MS[0]
        self._keep()
        if self._tries:
            return RETRY_MS[min(self._tries, len(RETRY_MS)) - 1]
        due = self._imu.watermark * 1000000 // self._imu.odr_mhz + DRAIN_MARGIN_MS
        return max(DRAIN_MARGIN_MS, self._anchor_ms + due - self._now_ms())

    def _drain_all(self):
        imu = self._imu
        while True:
            n = imu.drain_into(self._samples_buf)
            if imu.asks != self._asks:
                self._asks = imu.asks
                self._anchor_ms = asked_ms = imu.asked_ms
                self._anchor_sample = self.samples + imu.held
                if not self._rate_ms:
                    self._rate_ms, self._rate_sample = asked_ms, self._anchor_sample
                elif self._rate_over_ms < RATE_LEAST_MS and not (imu.gap or self._anew):
                    self._learn_rate()  # soon at first; then once a minute
            if self._anew:
                if n:  # the first that came since
                    self._anew = False
                    self._break(wire.SEGMENT_BUS_FAULT)
            elif imu.gap:
                overrun = imu.gap == GAP_OVERRUN
                self._break(wire.SEGMENT_OVERRUN if overrun else wire.SEGMENT_BUS_FAULT)
            if n:
                self._snippets.ring.extend(self._samples_buf, n)
                told = self._detector.process(self._samples_buf, n)
                self.samples += n  # analysed
                self._end_ms = self._tick_of(self.samples)
                self._tell(told)
            if not imu.more:
                break

    def _tick_of(self, sample):
        """Return the tick at which a sample of the present run was taken."""
        half_samples = 2 * (self._anchor_sample - sample) - 1
        return max(0, self._anchor_ms - half_samples * 500000 // self._rate_mhz)

    def _tick_at_end(self, sample):
        """Return the tick at which `sample` samples had been taken, also before the last gap."""
        if sample > self._run_sample:
            return self._tick_of(sample)
        before = self._run_sample - sample
        return max(0, self._run_end_ms - before * 1000000 // self._rate_mhz)

    def _learn_rate(self):
        """See how fast the chip samples by our own tick, in whole numbers of 30 bits.

        Its own word for it may be 0.4 % off: 18 ms over a full FIFO, 240 ms over a minute.
        """
        over_ms = self._anchor_ms - self._rate_ms
        if over_ms < RATE_SOON_MS or over_ms < min(RATE_FROM_MS, self._rate_over_ms):
            return
        samples, half_ms = self._anchor_sample - self._rate_sample, over_ms >> 1
        whole = samples * 100 // half_ms
        rate_mhz = whole * 5000 + (samples * 100 - whole * half_ms) * 5000 // half_ms
        off_mhz = abs(rate_mhz - self._imu.odr_mhz)
        if over_ms < RATE_LEAST_MS and off_mhz * CHIP_WITHIN < self._imu.odr_mhz:
            return
        if off_mhz * RATE_WITHIN < self._imu.odr_mhz:
            self._rate_mhz, self._rate_over_ms = rate_mhz, over_ms

    def _break(self, reason):
        """Samples are missing before the next one: say so, forget the filters, begin a segment."""
        self._run_sample, self._run_end_ms = self.samples, self._end_ms
        # Before the minute that the gap ends: what was asked since counts samples on, not time.
        self._rate_ms, self._rate_sample = self._anchor_ms, self._anchor_sample
        self._tell(self._detector.gap())
        self._snippets.ring.gap()
        lost_ms = max(0, self._tick_of(self.samples) - self._end_ms)
        # Rounded up: what is missing lies in the gap, whole. The host counts back at this rate.
        lost = max(1, (lost_ms * self._imu.odr_mhz + 999999) // 1000000)
        values = {
            "kind": wire.EVENT_GAP,
            "number": self._detector.next_number(),
            "confidence_pct": 100,
            "onset_sample": self.samples,
            "duration_samples": lost,
        }
        self._append(wire.REC_EVENT, wire.pack_event(values), True)
        if reason == wire.SEGMENT_OVERRUN:
            self._fault(wire.FAULT_OVERRUN, self._imu.faults.overruns, lost)
        self._segment(reason)
        self._gap_in_minute = True
        self._gap_sample = self.samples

    def _revive(self):
        """The sensor does not answer: reset it, the last rung of the ladder, until it does."""
        if self._vain % TELL_EVERY_TRIES == 0:
            self._fault(wire.FAULT_SENSOR_LOST, self._vain + 1, self._imu.faults.transfers)
            self._flush()
        self._tries += 1
        self._vain += 1
        config = self._config
        try:
            self._imu.start(config.ODR_HZ, config.RANGE_G, config.WATERMARK)
        except (SensorLost, WrongChip):
            return
        self._tries = 0
        self._anew = True
        self._asks = self._imu.asks
        self._anchor_ms = self._heard_ms = self._now_ms()
        self._anchor_sample = self.samples

    # --- records --------------------------------------------------------------------------------

    def _write_session(self):
        imu, log = self._imu, self._log
        flags = 0
        if not self._sessions and log.found_open:
            flags |= wire.SESSION_AFTER_POWER_CUT
        if not self._sessions and log.torn_tail:
            flags |= wire.SESSION_TORN_TAIL
        values = {
            "boot_id": log.boot_id,
            "tick_ms": self._now_ms(),
            "odr_mhz": imu.odr_mhz,
            "ug_per_lsb": imu.ug_per_lsb,
            "range_g": imu.range_g,
            "sensor_id": imu.sensor_id,
            "detector_version": detector.VERSION,
            "battery_mv": self._battery_mv(),
            "flags": flags,
            "firmware": self._config.FIRMWARE_VERSION.encode(),
        }
        self._append(wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, values), True)
        self._append(wire.REC_SETTINGS, detector.packed(self._config.DETECTOR), True)
        text = self.changed_settings.encode()
        if text != b"{}":
            for at in range(0, len(text), wire.MAX_PAYLOAD_LEN):
                self._append(wire.REC_CONFIG, text[at : at + wire.MAX_PAYLOAD_LEN])
        if not self._sessions and log.corrupt_records:
            self._fault(wire.FAULT_LOG_CORRUPT, log.corrupt_records, log.torn_tail)

    def _segment(self, reason):
        values = {
            "sample": self.samples,
            "tick_ms": self._tick_of(self.samples),
            "reason": reason,
        }
        self._append(wire.REC_SEGMENT, wire.pack(wire.SEGMENT_FIELDS, values), True)

    def _tell(self, told):
        """Log what the detector has told; what a movement is called at first goes to listeners.

        What an exception keeps from being logged stays for the next call: `stop` makes one.
        """
        untold = self._untold
        if told:
            untold.extend(told)
            told.clear()  # whoever called holds it: each row goes as soon as it is logged
        while untold:
            what, values, _ = untold[0]
            if what == detector.MINUTE:
                self._minute(values)
            elif what == detector.PROVISIONAL:
                payload = wire.pack_event(values)
                self._backup.drop_row(values["number"])
                self._backup.put_row(payload)
                self._keep_waveform(values)
                if self.on_provisional is not None:
                    self.on_provisional(payload)
            else:
                self._event(values)
            untold.pop(0)

    def _event(self, values):
        if self._gap_sample is not None and values["onset_sample"] >= self._gap_sample:
            values["flags"] |= wire.FLAG_AFTER_GAP
            self._gap_sample = None
        if values["onset_sample"] + values["duration_samples"] > self._handled_sample:
            values["flags"] |= wire.FLAG_TRUNCATED
        self._append(wire.REC_EVENT, wire.pack_event(values))
        self._backup.drop_row(values["number"])

    def _keep(self):
        """Let what is known so far outlive a reset."""
        self._backup.save(self.samples, self._end_ms, self._log.waiting_bytes)

    def _keep_waveform(self, values):
        """Log the raw samples around a movement, if it is one of those chosen."""
        if self._roomy:
            for payload in self._snippets.offer(values):
                self._append(wire.REC_SNIPPET, payload)

    def _look_for_room(self):
        try:
            self._roomy = self._log.has_room(SNIPPETS_LEAVE_BYTES)
        except OSError:
            self._roomy = False  # the next flush finds the storage as it is, and tells

    def _minute(self, values):
        """A minute is over: its summary, and everything onto the flash."""
        values["tick_ms"] = self._tick_at_end(values["sample"])
        values["battery_mv"] = self._battery_mv()
        values["temperature_q8_c"] = self._temperature_q8_c()
        if self._gap_in_minute:
            values["flags"] |= wire.MINUTE_GAP
            self._gap_in_minute = False
        if plausible.gravity_fault(*values["gravity_mg"]):
            values["flags"] |= wire.MINUTE_IMPLAUSIBLE
        self.still_min = self.still_min + 1 if values["flags"] & wire.MINUTE_NOT_WORN else 0
        self._backup.battery_mv = values["battery_mv"]
        self._learn_rate()
        self._append(wire.REC_MINUTE, wire.pack(wire.MINUTE_FIELDS, values))
        self._tell_faults()
        self._flush()
        self._keep()
        self._look_for_room()
        gc.collect()

    def _temperature_q8_c(self):
        try:
            return self._imu.temperature_q8_c()
        except SensorLost:
            return 0  # the next drain finds the bus as it is and acts

    def _tell_faults(self):
        faults = self._imu.faults
        if faults.transfers > self._faults_told:
            count = faults.transfers - self._faults_told
            self._fault(wire.FAULT_I2C, count, faults.recreated << 16 | faults.unstuck)
            self._faults_told = faults.transfers
        if self._storage_faults > self._storage_faults_told:
            count = self._storage_faults - self._storage_faults_told
            self._storage_faults_told = self._storage_faults
            self._fault(wire.FAULT_STORAGE, count, self._log.lost_records)

    def radio_fault(self):
        """The radio could not be switched: the night goes on without it."""
        self._fault(wire.FAULT_RADIO, 1, 0)

    def _fault(self, code, count, detail):
        values = {
            "code": code,
            "sample": self.samples,
            "tick_ms": self._now_ms(),
            "count": min(65535, count),
            "detail": detail & 0xFFFFFFFF,
        }
        self._append(wire.REC_FAULT, wire.pack(wire.FAULT_FIELDS, values))

    def _append(self, kind, payload, owed=False):
        """Log a record. A failing storage does not stop the sampling: it is told later.

        owed: a record that those behind it are dated by; it is tried again before any other.
        """
        debts = self._owed
        try:
            while debts:
                self._log.append(*debts[0])
                debts.pop(0)
            self._log.append(kind, payload)
        except LogFull:
            self._full = True
        except OSError:
            self._storage_faults += 1
            if owed and len(debts) < MOST_OWED:
                debts.append((kind, payload))
                self._log.lost_records -= 1  # not lost yet

    def _flush(self):
        try:
            self._log.flush()
        except LogFull:
            self._full = True
        except OSError:
            self._storage_faults += 1


def _nothing(block=b""):
    """The memory of a band of which nothing outlives a reset."""
    return b""
