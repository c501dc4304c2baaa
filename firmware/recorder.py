"""One session: IMU samples -> detector -> event log. Knows neither pins nor radio.

Touches the IMU, the log, and two callables given. Speaks samples of the session, ms since the
start of the firmware, and the records of `wire`. It has three parts: `timeline` knows when a
sample was taken, `findings` what the detector tells, `records` what a session writes of itself and
what becomes of that where the storage fails.
"""

import gc
from array import array

from backup import Backup
from drivers import GAP_OVERRUN, SensorLost, WrongChip
from findings import Findings
from notturno_core import detector, wire
from notturno_core.snippets import Snippets
from records import Records
from timeline import Timeline

# A sensor that is lost is looked for all night. These pauses are short while a wire may just have
# moved, and never so long that a night loses more than a quarter of a minute after it is back.
RETRY_MS = (500, 1000, 2000, 5000, 10000)
TELL_EVERY_TRIES = 60  # ten minutes: a fault that lasts is told again, not each time
SILENCE_MS = 5000  # a sensor that gives no sample for so long has lost its registers
HANDLING_MS = 10000  # before the dock, it is the hand that moves the band
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
        self._timeline = Timeline()
        self._records = Records(log, now_ms)
        parts = self._records, self._timeline, self._backup, self._snippets
        self._findings = Findings(self._minute, *parts)
        self.changed_settings = "{}"  # JSON, for the log
        self._start_tries = 0
        self._vain = 0  # times that it was tried to begin the sensor anew since its last sample
        self._anew = False  # it has been, and no sample came yet
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
                wrong, imu = isinstance(error, WrongChip), self._imu
                code = wire.FAULT_WRONG_CHIP if wrong else wire.FAULT_SENSOR_LOST
                detail = imu.sensor_id if wrong else imu.faults.transfers
                self._fault(code, 1 + self._start_tries, detail)
                self._records.flush()
            self._start_tries += 1
            raise
        self._start_tries = 0
        self._detector.restart(imu.odr_mhz, imu.ug_per_lsb, **config.DETECTOR)
        self.samples = 0
        now_ms = self._now_ms()
        self._timeline.begin(imu.odr_mhz, now_ms)
        pause_ms = None if self._ended_ms is None else now_ms - self._ended_ms
        self._snippets.begin(imu.odr_mhz, self._log.log_id ^ self._log.boot_id, pause_ms)
        self._findings.look_for_room()
        self._asks = imu.asks
        self._overruns_before = imu.faults.overruns
        self._faults_before = imu.faults.transfers
        self._findings.begin()
        self._tries = self._vain = 0
        self._anew = False
        self._heard_ms = now_ms
        self._records.full = False
        self.still_min = 0
        self.recording = True
        self.end_reason = 0
        self._backup.battery_mv = self._battery_mv()
        self._backup.session(True)
        self._records.session(imu, config, self._battery_mv(), self.changed_settings)
        self._segment(wire.SEGMENT_START)
        self._records.flush()
        self._keep()

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
            self._timeline.anew(self.samples, self._now_ms())
            self._break(wire.SEGMENT_BUS_FAULT)  # nothing was heard until now: no night, a gap
        if reason == wire.END_DOCKED:
            handling = HANDLING_MS * self._imu.odr_mhz // 1000000
            self._findings.handled(self.samples - handling)
        self._findings.tell(self._detector.finish())
        self.recording = False
        self.end_reason = reason
        self._ended_ms = self._now_ms()
        faults, timeline = self._imu.faults, self._timeline
        self._records.tell_faults(faults, self.samples)
        heard = timeline.is_within_run(self.samples)
        self._records.end(
            {
                "sample": self.samples,
                "tick_ms": timeline.end_ms if heard else self._now_ms(),
                "reason": reason,
                "battery_mv": self._battery_mv(),
                "faults": min(65535, faults.transfers - self._faults_before),
                "overruns": min(65535, faults.overruns - self._overruns_before),
            }
        )
        self._backup.session(False, reason not in (wire.END_DOCKED, wire.END_CRASHED))
        self._keep()
        try:
            self._imu.stop()
        except SensorLost:
            pass  # nothing to power down; the faults are counted

    def moment(self):
        """Return (sample, tick) of now."""
        now_ms = self._now_ms()
        return self._timeline.sample_at(now_ms), now_ms

    def mark(self, moment=None):
        """The person pressed the button, at a `moment()`; None: now."""
        sample, tick_ms = moment or self.moment()
        self._records.mark(sample, tick_ms)

    def park(self):
        """Before a deep sleep: the sensor is powered down, the log closed, all of it kept."""
        try:
            self._imu.stop()
        except SensorLost:
            pass
        self._records.close()
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
        if self._records.full and self.recording:
            self.stop(wire.END_LOG_FULL)
        if not self.recording:
            return RETRY_MS[0]
        self._keep()
        if self._tries:
            return RETRY_MS[min(self._tries, len(RETRY_MS)) - 1]
        due = self._imu.watermark * 1000000 // self._imu.odr_mhz + DRAIN_MARGIN_MS
        return max(DRAIN_MARGIN_MS, self._timeline.asked_ms + due - self._now_ms())

    def _drain_all(self):
        imu, timeline = self._imu, self._timeline
        while True:
            n = imu.drain_into(self._samples_buf)
            if imu.asks != self._asks:
                self._asks = imu.asks
                whole = not (imu.gap or self._anew)
                timeline.asked(self.samples + imu.held, imu.asked_ms, whole)
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
                timeline.analysed(self.samples)
                self._findings.tell(told)
            if not imu.more:
                break

    def _break(self, reason):
        """Samples are missing before the next one: say so, forget the filters, begin a segment."""
        self._timeline.broken(self.samples)
        self._findings.tell(self._detector.gap())
        self._snippets.ring.gap()
        lost = self._timeline.lost_at(self.samples)
        self._records.gap(self._detector.next_number(), self.samples, lost)
        if reason == wire.SEGMENT_OVERRUN:
            self._fault(wire.FAULT_OVERRUN, self._imu.faults.overruns, lost)
        self._segment(reason)
        self._findings.gap(self.samples)

    def _revive(self):
        """The sensor does not answer: reset it, the last rung of the ladder, until it does."""
        if self._vain % TELL_EVERY_TRIES == 0:
            self._fault(wire.FAULT_SENSOR_LOST, self._vain + 1, self._imu.faults.transfers)
            self._records.flush()
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
        self._heard_ms = self._now_ms()
        self._timeline.anew(self.samples, self._heard_ms)

    # --- records --------------------------------------------------------------------------------

    def _segment(self, reason):
        self._records.segment(reason, self.samples, self._timeline.tick_of(self.samples))

    def _fault(self, code, count, detail):
        self._records.fault(code, self.samples, count, detail)

    def radio_fault(self):
        """The radio could not be switched: the night goes on without it."""
        self._fault(wire.FAULT_RADIO, 1, 0)

    def listen(self, on_provisional):
        """Let somebody hear of movements as they are called at first: callable(payload)."""
        self._findings.on_provisional = on_provisional

    def _keep(self):
        """Let what is known so far outlive a reset."""
        self._backup.save(self.samples, self._timeline.end_ms, self._log.waiting_bytes)

    def _minute(self, values):
        """A minute is over: its summary, and everything onto the flash."""
        battery_mv = self._backup.battery_mv = self._battery_mv()
        self._findings.minute(values, battery_mv, self._temperature_q8_c())
        self._timeline.learn_rate()
        self.still_min = self.still_min + 1 if values["flags"] & wire.MINUTE_NOT_WORN else 0
        self._records.tell_faults(self._imu.faults, self.samples)
        self._records.flush()
        self._keep()
        self._findings.look_for_room()
        gc.collect()

    def _temperature_q8_c(self):
        try:
            return self._imu.temperature_q8_c()
        except SensorLost:
            return wire.NO_TEMPERATURE_Q8_C  # the next drain finds the bus as it is and acts


def _nothing(block=b""):
    """The memory of a band of which nothing outlives a reset."""
    return b""
