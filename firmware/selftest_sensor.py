"""The half of the band's test of itself that listens to its sensor. See `selftest`.

Touches the driver and the board given. Speaks mg, ms and the codes of `notturno_core.checks`.
A step returns nothing where all is well, a code, or SKIP. Bounds that are ours say so.
"""

from array import array

from drivers import MAX_RUN, SensorLost, WrongChip
from notturno_core import checks, plausible

LISTEN_MS = 2500  # 260 samples at 104 Hz: the count is right to 1 %
SLICE_MS = 250  # between drains, well within every chip's FIFO
ADDRESSES = (0x6A, 0x6B, 0x68, 0x69, 0x18, 0x19)  # where an accelerometer may answer
HALF_MG = (440, 560)  # what a chip of twice the range shows of 1 g
# A sample's rms that is no movement: differences of neighbours tell them apart. Ours: an
# LSM6DSOX has 0.5 to 0.8 mg, an MPU-6050 4 mg.
NOISE_MOST_UG = 6000
STILL_MG = 15  # rms about the mean; more is a limb that moves
COUNT_PPM = 15_000  # one sample at either end of LISTEN_MS, and the crystal
FAULTS_MOST = 2  # failed transfers in some 40
SKIP = -1  # what a step returns that cannot be judged here


class SensorTest:
    """The steps of the sensor. `values` is what goes into the record."""

    def __init__(self, imu, board, power, log, key, config, sleep_ms, now_ms, known):
        self.imu = imu
        self.board = board
        self.power = power
        self.log = log
        self.the_key = key
        self.config = config
        self.sleep_ms = sleep_ms
        self.now_ms = now_ms
        self.storage, self.time_set, self.cable = known
        self.values = {"boot_id": log.boot_id, "tick_ms": now_ms() & 0xFFFFFFFF, "verdict": 0}
        self.started = self.listened = self.lacks_config = False
        self.faults = self.n = self.took_ms = 0
        self.least, self.most = [32767] * 3, [-32768] * 3
        self.sums, self.squares, self.steps = [0] * 3, [0] * 3, [0] * 3
        self.pressed = self.looked = 0

    def rest(self):
        """Power the sensor down again; a chip that is another is left alone."""
        try:
            if self.started:
                self.imu.stop()
        except SensorLost:
            pass  # what the test has found, too

    # --- sensor --------------------------------------------------------------------------------

    def sensor(self):
        """Test whether a sensor answers at all."""
        imu = self.imu
        before = imu.faults.transfers
        try:
            imu = self.imu = imu.found()
            before = imu.faults.transfers
            imu.start(self.config.ODR_HZ, self.config.RANGE_G, self.config.WATERMARK)
            self.started = True
        except WrongChip as error:
            self.lacks_config = error.lacks_config
            return  # it answers
        except SensorLost:
            return self._why_silent()
        finally:
            if imu.sensor_id:
                self.values["sensor_id"] = imu.sensor_id
                self.values["address"] = getattr(imu, "address", ADDRESSES[0])
            self.faults = before

    def _why_silent(self):
        """Say why nothing answers: by who else does, and by how the lines stand."""
        one = bytearray(1)
        for address in ADDRESSES:
            try:
                self.board.i2c.readfrom_mem_into(address, 0x0F, one)
            except OSError:
                continue
            self.values["address"] = address
            self.values["sensor_id"] = one[0]
            return checks.OTHER_ADDRESS
        look = getattr(self.board, "bus_lines", None)
        lines = look() if look is not None else None
        if lines is None:
            return checks.SENSOR_LOST
        return {
            (1, 1): checks.SENSOR_SILENT,
            (0, 1): checks.SDA_OPEN,
            (1, 0): checks.SCL_OPEN,
            (0, 0): checks.SENSOR_UNPOWERED,
        }[lines]

    def chip(self):
        """Test which chip it is."""
        if not self.values.get("sensor_id"):
            return SKIP
        if not self.started:
            return checks.SENSOR_UNCONFIGURED if self.lacks_config else checks.WRONG_CHIP

    def bus(self):
        """Listen to the sensor; the steps behind judge what came."""
        if not self.started:
            return SKIP
        buf = array("H", bytes(6 * MAX_RUN))
        self._drain(buf, False)
        start_ms = self.now_ms()
        try:
            while self.took_ms < LISTEN_MS:
                self.sleep_ms(SLICE_MS)
                self._drain(buf, True)
                self.took_ms = self.now_ms() - start_ms
                self.looked += 1
                self.pressed += self.board.button_pressed()
        except SensorLost:
            return checks.BUS_WEAK
        self.listened = self.n > 0
        failed = self.imu.faults.transfers - self.faults
        if failed > FAULTS_MOST:
            return checks.BUS_WEAK
        if self.imu.int1_high:
            return checks.INT1_HIGH

    def _drain(self, buf, keep):
        while True:
            n = self.imu.drain_into(buf)
            if keep:
                self._take(buf, n)
            if not self.imu.more:
                return

    def _take(self, buf, n):
        for axis in range(3):
            least, most, last = self.least[axis], self.most[axis], None
            total = squares = steps = 0
            for i in range(axis, 3 * n, 3):
                count = (buf[i] ^ 0x8000) - 0x8000
                least = min(least, count)
                most = max(most, count)
                total += count
                squares += count * count
                if last is not None:
                    steps += (count - last) * (count - last)
                last = count
            self.least[axis], self.most[axis] = least, most
            self.sums[axis] += total
            self.squares[axis] += squares
            self.steps[axis] += steps
        self.n += n

    def axes(self):
        """Test whether each axis moves."""
        if not self.listened:
            return SKIP
        for axis in range(3):
            if self.least[axis] == self.most[axis]:
                return checks.AXIS_DEAD

    def _rms_ug(self):
        """Return (rms about the mean, rms of the noise alone) of the loudest axis, in ug."""
        worst = noise = 0
        for axis in range(3):
            # In integers: floats have 24 bits there, and gravity is 16 000 times the noise.
            square = self.n * self.squares[axis] - self.sums[axis] * self.sums[axis]
            worst = max(worst, square // self.n / self.n)
            noise = max(noise, self.steps[axis] / (2 * self.n))
        scale = self.imu.ug_per_lsb
        return worst**0.5 * scale, noise**0.5 * scale

    def gravity(self):
        """Test whether a still sensor feels 1 g."""
        if not self.listened:
            return SKIP
        square = 0
        for axis in range(3):
            mean_mg = self.sums[axis] / self.n * self.imu.ug_per_lsb / 1000
            square += mean_mg * mean_mg
        gravity_mg = int(square**0.5 + 0.5)
        self.values["gravity_mg"] = min(gravity_mg, 65535)
        all_ug, noise_ug = self._rms_ug()
        if all_ug > STILL_MG * 1000 and noise_ug < all_ug * 0.7:
            return SKIP  # it moves: what it shows is not gravity alone
        if HALF_MG[0] <= gravity_mg <= HALF_MG[1]:
            return checks.GRAVITY_HALF
        if abs(gravity_mg - 1000) > self.imu.gravity_tolerance_mg:
            return checks.GRAVITY_OFF

    def noise(self):
        """Test how much a still sensor trembles."""
        if not self.listened:
            return SKIP
        all_ug, noise_ug = self._rms_ug()
        self.values["noise_ug"] = min(int(noise_ug), 65535)
        if noise_ug < all_ug * 0.7:  # white noise has 1.0, a limb's movement below 0.5
            return SKIP
        if noise_ug > NOISE_MOST_UG:
            return checks.NOISY

    def rate(self):
        """Test how far the sample rate is from its name."""
        if not self.listened:
            return SKIP
        rate_mhz = self.n * 1_000_000 // self.took_ms
        self.values["rate_mhz"] = rate_mhz
        if plausible.rate_fault(rate_mhz, self.imu.odr_mhz, COUNT_PPM, self.imu.sensor_id):
            return checks.RATE_OFF
