"""The band's test of itself: three seconds, and one thing to mend or none.

Touches the parts given; stops no session, so call it only while none runs. Speaks mg, mV, ms, and
the codes of `notturno_core.checks`. Each step passes, fails or is skipped. Nothing is raised.
Bounds that are ours, and not a data sheet's, say so.
"""

from notturno_core import checks, wire
from selftest_sensor import LISTEN_MS, SKIP, SLICE_MS, SensorTest

# Read through 1:2. Below: nothing but what leaks into an open pin (400 mV were measured).
OPEN_MV = 1500
EMPTY_MV = 3250
RAIL_MV = (3250, 3350)  # the regulator's output, which a divider at the wrong place reads
MOST_MV = 4400
VBUS_READINGS = 64
NIGHT_BYTES = 200_000  # of a night's records with its waveforms
ENOSPC = 28
PROBE = b"notturno checks its flash"
PROBE_NAME = "check.tmp"


class _Test(SensorTest):
    """One run: the sensor's steps, and the board's."""

    def battery(self):
        if getattr(self.board, "VBAT", None) is None:
            return SKIP
        mv = self.power.battery_mv()
        self.values["battery_mv"] = min(max(mv, 0), 65535)
        if mv < OPEN_MV:
            return checks.DIVIDER_OPEN
        if mv > MOST_MV:
            return checks.DIVIDER_RATIO
        if RAIL_MV[0] <= mv <= RAIL_MV[1]:
            return checks.DIVIDER_AT_3V3
        if mv < EMPTY_MV:
            return checks.BATTERY_EMPTY

    def vbus(self):
        if getattr(self.board, "VBUS", None) is None:
            return SKIP
        high = 0
        for _ in range(VBUS_READINGS):
            high += self.board.docked()
        if 0 < high < VBUS_READINGS:
            return checks.VBUS_FLOATS
        if high and self.cable == checks.CABLE_OUT:
            return checks.VBUS_HIGH
        if not high and self.cable == checks.CABLE_IN:
            return checks.VBUS_LOW

    def button(self):
        if getattr(self.board, "BUTTON", None) is None:
            return SKIP
        while self.looked < LISTEN_MS // SLICE_MS:  # no sensor to wait for
            self.sleep_ms(SLICE_MS)
            self.looked += 1
            self.pressed += self.board.button_pressed()
        if self.pressed == self.looked:
            return checks.BUTTON_STUCK

    def flash(self):
        if self.storage is None:
            return SKIP
        try:
            self.values["free_kb"] = min(self.storage.free_bytes() // 1024, 65535)
            if not self.log.has_room(NIGHT_BYTES):
                return checks.FLASH_FULL
            self.storage.replace(PROBE_NAME, PROBE)
            self.storage.sync()
            back = bytearray(len(PROBE))
            n = self.storage.read_into(PROBE_NAME, 0, back)
            self.storage.remove(PROBE_NAME)
        except OSError as error:
            full = error.args and error.args[0] == ENOSPC
            return checks.FLASH_FULL if full else checks.FLASH_REFUSES
        if n != len(PROBE) or back != PROBE:
            return checks.FLASH_REFUSES

    def key(self):
        if not self.the_key:
            return checks.KEY_MISSING

    def radio(self):
        try:
            self.board.ble()
        except (ImportError, OSError, RuntimeError):
            return checks.RADIO_MISSING

    def clock(self):
        if self.time_set is None:
            return SKIP
        if not self.time_set:
            return checks.CLOCK_UNSET


def run(
    imu,
    board,
    power,
    log,
    key,
    config,
    sleep_ms,
    now_ms,
    storage=None,
    time_set=None,
    cable=checks.CABLE_UNKNOWN,
    why=0,
):
    """Test everything; return a dict of wire.CHECK_FIELDS. Takes 3 s and raises nothing.

    imu: a driver that is not in use, or what stands for one; it is stopped behind. storage: the
    log's; time_set: does the band know the date; of None the step is skipped. cable: what is
    known of the charger's (checks.CABLE_*). why: wire.CHECK_*.
    """
    test = _Test(imu, board, power, log, key, config, sleep_ms, now_ms, (storage, time_set, cable))
    values = test.values
    passed = failed = skipped = 0
    steps = (
        test.sensor,
        test.chip,
        test.bus,
        test.axes,
        test.gravity,
        test.noise,
        test.rate,
        test.battery,
        test.vbus,
        test.button,
        test.flash,
        test.key,
        test.radio,
        test.clock,
    )
    for step in range(len(steps)):
        try:
            code = steps[step]()
        except Exception:  # the test must not be what ends a night
            code = checks.STEP_BROKE + step
        if code == SKIP:
            skipped |= 1 << step
        elif code:
            failed |= 1 << step
            values["verdict"] = values["verdict"] or code
        else:
            passed |= 1 << step
    test.rest()
    values["why"] = why
    values["passed"], values["failed"], values["skipped"] = passed, failed, skipped
    return values


def run_and_log(imu, board, power, log, *rest, **known):
    """Run, and log the CHECK record; return its values. Raises LogFull, OSError: not logged."""
    values = run(imu, board, power, log, *rest, **known)
    log.append(wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, values))
    log.flush()
    return values
