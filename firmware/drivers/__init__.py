"""The IMU contract, in words. A driver is one file, one class; the firmware knows only this.

Touches an I2C object that it is given. Speaks int16 counts, 1/1000 Hz, 1/1000 mg, 1/256 degC.

    imu = Driver(i2c, sleep_ms, recreate=None, unstick=None, address=None)
        i2c: `machine.I2C` or anything with its readfrom_mem_into and writeto_mem.
        sleep_ms: callable. recreate: callable that returns a new I2C object after a bus fault.
        unstick: callable that clocks a stuck bus free (nine pulses and a stop).
        address: where it was found; None: the first of ADDRESSES.
    imu.found()             the driver itself; `find.Unfound` stands for one that is yet to come.
    imu.start(odr_hz, range_g, watermark)
        checks the chip, resets it, configures it, starts sampling into the chip's FIFO, at the
        nearest rate within 5 % and the narrowest range that holds range_g; a watermark of more
        than half the FIFO is cut to that half. May be called again at any time, from any state
        of the chip; it is also the last rung of the recovery ladder.
        Raises WrongChip (with what was read; also for a chip whose own program is not on the
        band, with `lacks_config`), ValueError for a rate or range the chip has not,
        SensorLost when the bus does not answer.
    imu.stop()              powers the sensor down.
    imu.drain_into(buf) -> n
        moves the next unbroken run of n samples (0 to MAX_RUN) to `buf`, an array of 'H' with room
        for 3 * MAX_RUN: x, y, z, interleaved, int16 as uint16. Never gives a sample twice and
        never invents one. Raises SensorLost.
        imu.gap         after a drain: 0, or why samples are missing BEFORE this run (GAP_*).
        imu.more        after a drain: true when the chip is known to hold more.
        imu.asks        counts how often the chip was asked for its fill level.
        imu.asked_ms    when it last answered, by imu.now_ms (a callable that whoever wants to know
                        sets): a bus that stutters may take long to get there.
        imu.held        samples that the chip held when last asked (+-1 is possible); the newest
                        was at most one sample period old at that time.
    imu.temperature_q8_c()  degC in 1/256; wire.NO_TEMPERATURE_Q8_C of a chip without a
                            thermometer. Raises SensorLost.
    imu.odr_mhz, imu.ug_per_lsb, imu.range_g, imu.sensor_id, imu.watermark, imu.chip_name
                            known after start().
    imu.odr_ppm             how far the part's rate may be from odr_mhz: from the one table,
                            notturno_core.sensors.FAMILIES, by sensor_id.
    imu.gravity_tolerance_mg    how far |g| at rest may be from 1000 mg: offset and scale by the
                            data sheet. At most 150, as in notturno_core.plausible.
    imu.fifo_samples        samples that the FIFO holds.
    imu.int1_high           true when the chip came up in I3C, and was called back (LSM6DSO alone).
    imu.faults              FaultCounts: failed transfers and every rung of the ladder climbed.

A drain allocates nothing: no slice, no tuple, no bytes; buffers and views are the object's own.

A new chip whose FIFO holds samples in whole bytes is a `sensor.Sensor`: constants, and five short
methods (_configure, _begin, stop, _look, _empty), perhaps _unpack; mpu6050.py and icm42688.py are
examples. Bus, ladder, gaps, `more` and `held` are shared. A full FIFO is told by `_overran`, and
emptied where its head may be no whole sample. Beside the file it takes a row in
notturno_core.sensors.FAMILIES and a model in the virtual band's `chips`; hardware/chips describes
it for people. tests/chips then runs over it by itself, and tests/small_machine holds that a drain
takes nothing.
"""

MAX_RUN = 64  # samples of one run: one chunk of the detector
GAP_NONE, GAP_OVERRUN, GAP_BUS = 0, 1, 2


class WrongChip(Exception):
    """Something answers at the address, and it is not the chip this driver is for."""

    sensor_id = address = 0  # what it said and where, if nobody but the search has asked
    lacks_config = False  # it is the right one, but its own program is not on the band


class SensorLost(Exception):
    """The bus or the chip does not answer, whatever was tried."""


class FaultCounts:
    """How often what went wrong, since the firmware started."""

    def __init__(self):
        self.transfers = 0  # bus transfers that failed
        self.recreated = 0  # the I2C object was made anew
        self.unstuck = 0  # the bus was clocked free
        self.parity = 0  # FIFO words with a wrong tag parity
        self.skipped = 0  # FIFO words of a kind that was not asked for, or out of turn
        self.overruns = 0  # times the FIFO had overwritten samples
