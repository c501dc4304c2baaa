"""ST LSM6DSOX at its registers: what the wires would show, from what the world does.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Nothing here is shared with the driver: a wrong code there must show as wrong data.
Behaviour after ST's lsm6dsox_reg.h, DS12140, AN5192; what is estimated says so.
"""

import numpy as np

from notturno.virtualband.chips.accelerometer import Converter
from notturno.virtualband.chips.bus import BusNak, BusStuck

ADDRESS = 0x6A
FIFO_DEPTH_WORDS = 512
BASE_RATE_HZ = 6667.0
TRIM_STEP = 0.0015  # of the rate, per count of INTERNAL_FREQ_FINE
TICK_US = 25.0
# Rate code -> divisor of 6667 Hz. 0 is off; 0xB (1.6 Hz) exists in low power only.
DIVISORS = {1: 512, 2: 256, 3: 128, 4: 64, 5: 32, 6: 16, 7: 8, 8: 4, 9: 2, 10: 1, 11: 4096}
DEFAULTS = {0x0F: 0x6C, 0x12: 0x04, 0x18: 0xE0}
READ_ONLY = {0x0F, 0x63} | set(range(0x1A, 0x40)) | set(range(0x78, 0x7F))
ACCEL, TEMPERATURE, TIMESTAMP, CONFIG_CHANGE = 2, 3, 4, 5
CONFIG_WRITES = {0x09, 0x10, 0x15}
BYPASS, FIFO_STOPS, STREAM = 0, 1, 6
RESET_US = 50
AHEAD_SAMPLES = 256  # prepared in one go; the world is a function of time


def _tag(kind, slot):
    """Return the tag byte: kind, slot counter, even parity."""
    tag = kind << 3 | (slot & 3) << 1
    return tag | bin(tag).count("1") & 1


class Lsm6dsox:
    """The chip in a world.

    world: accel_mg(first_s, step_s, n) -> float (n, 3) and temperature_c(t_s). seed: this part's
    offset, noise and rate. odr_error: relative error of its oscillator, -0.02 to 0.02; None: from
    the seed. int1_high: somebody pulls INT1 up, so that the chip wakes as an I3C device.
    """

    def __init__(self, world, seed=0, odr_error=None, int1_high=False, offset_mg=None):
        self.world = world
        rng = np.random.default_rng([seed, 0x6C])
        drawn_error = rng.uniform(-0.02, 0.02)
        residual = rng.uniform(-0.004, 0.004)
        self.converter = Converter(world, rng, offset_mg)
        self.odr_error = drawn_error if odr_error is None else odr_error
        if not -0.025 <= self.odr_error <= 0.025:
            raise ValueError(f"odr_error {self.odr_error}: a part is within 2.5 %")
        # The factory measured the part, not quite right: the trim explains all but the residual.
        self.trim = round((self.odr_error - residual) / TRIM_STEP)
        self._int1_high = int1_high
        self._stuck = False
        self._faults = []
        self._tick_zero_us = 0
        self._regs = bytearray(128)
        self._reset(0)

    # --- faults on demand ----------------------------------------------------------------------

    def fail(self, kind, count=1, after=0, words=0):
        """Let transfers fail: `count` of them, after `after` good ones.

        kind: "nak"; "stuck" (until `unstick`); "broken" (a FIFO burst that breaks off after the
        chip gave `words` words).
        """
        if kind not in ("nak", "stuck", "broken"):
            raise ValueError(f"no fault called {kind}")
        self._faults += [("ok", 0)] * after + [(kind, words)] * count

    def unstick(self):
        """Nine clock pulses and a stop came: whoever held SDA lets go."""
        self._stuck = False

    def _fault(self, reg, now_us):
        if self._stuck:
            raise BusStuck
        if not self._faults:
            return
        kind, words = self._faults.pop(0)
        if kind == "nak":
            raise BusNak
        if kind == "stuck":
            self._stuck = True
            raise BusStuck
        if kind == "broken":
            if reg == 0x78:
                self._sync(now_us)
                del self._fifo[: words * 7]
            raise BusNak

    # --- bus -----------------------------------------------------------------------------------

    def write(self, reg, data, now_us):
        """Write bytes from register `reg` on. Raises BusNak, BusStuck."""
        self._fault(reg, now_us)
        if self._i3c and not (reg == 0x18 and data[0] & 0x02):
            raise BusNak
        for value in data:
            if reg == 0x12 and value & 0x01 and self._mode != BYPASS:
                raise BusNak  # a reset while the FIFO streams is not acknowledged
            self._sync(now_us)
            self._write_one(reg, value, now_us)
            if self._regs[0x12] & 0x04:
                reg += 1

    def read(self, reg, n, now_us):
        """Read n bytes from register `reg` on. Raises BusNak, BusStuck."""
        self._fault(reg, now_us)
        if self._i3c:
            raise BusNak
        self._sync(now_us)
        if 0x78 <= reg <= 0x7E:
            return self._read_fifo(reg, n)
        self._fill_outputs(reg, n, now_us)
        out = bytearray()
        for _ in range(n):
            out.append(self._regs[reg])
            if reg == 0x3B and self._over_run_latched:
                self._over_run_latched = False  # reading it clears it
            if self._regs[0x12] & 0x04:
                reg = (reg + 1) % 128
        return bytes(out)

    def int1(self, now_us):
        """Level of the INT1 pin."""
        return self._level_of(0x0D, now_us)

    def int2(self, now_us):
        """Level of the INT2 pin: follows the FIFO's flags, is not a pulse."""
        return self._level_of(0x0E, now_us)

    def _level_of(self, reg, now_us):
        self._sync(now_us)
        self._fill_outputs(0x3B, 1, now_us)
        status2 = self._regs[0x3B]
        ctrl = self._regs[reg]
        on = (
            (ctrl & 0x08 and status2 & 0x80)
            or (ctrl & 0x10 and status2 & 0x40)
            or (ctrl & 0x20 and status2 & 0x20)
        )
        return int(bool(on)) ^ (self._regs[0x12] >> 5 & 1)

    # --- registers -----------------------------------------------------------------------------

    def _reset(self, now_us):
        self._regs[:] = bytes(len(self._regs))
        for reg, value in DEFAULTS.items():
            self._regs[reg] = value
        self._i3c = self._int1_high
        self._fifo = bytearray()
        self._over_run_latched = False
        self._overwritten = False
        self._slot = 0  # number of the last sample that reached the FIFO, or is prepared to
        self._ahead_slot = np.zeros(0, int)
        self._ahead_at = 0
        self._reset_until_us = now_us + RESET_US
        self._forget_ahead(now_us)

    @property
    def _mode(self):
        return self._regs[0x0A] & 0x07

    def _write_one(self, reg, value, now_us):
        if reg >= len(self._regs) or reg in READ_ONLY and reg != 0x42:
            return
        if reg == 0x12 and value & 0x01:
            self._reset(now_us)
            return
        before_mode = self._mode
        self._regs[reg] = value
        if reg == 0x18 and value & 0x02:
            self._i3c = False
        if reg == 0x42 and value == 0xAA:
            self._tick_zero_us = now_us
        if reg in CONFIG_WRITES:
            self._forget_ahead(now_us)
            if self._mode == STREAM:
                self._push_wrong_word()
        if reg == 0x0A:
            if self._mode == BYPASS or before_mode == BYPASS:
                self._fifo.clear()
                self._over_run_latched = self._overwritten = False
            self._forget_ahead(now_us)

    def _push_wrong_word(self):
        """A change under a running FIFO leaves one sample in it that never was."""
        self._slot += 1
        self._fifo += bytes([_tag(ACCEL, self._slot)]) + b"\xff\x7f" * 3

    @property
    def _level(self):
        return len(self._fifo) // 7

    def _fill_outputs(self, reg, n, now_us):
        """Bring the read-only registers among reg .. reg + n up to date."""
        regs = self._regs
        if reg <= 0x3B and reg + n > 0x3A:
            level = self._level
            watermark = regs[0x07] | (regs[0x08] & 1) << 8
            regs[0x3A] = level & 0xFF
            regs[0x3B] = (
                level >> 8
                | self._over_run_latched << 3
                | (level >= FIFO_DEPTH_WORDS - 1) << 5
                | self._overwritten << 6
                | (0 < watermark <= level) << 7
            )
        if reg <= 0x21 and reg + n > 0x20:
            lsb = round((self.world.temperature_c(now_us / 1e6) - 25.0) * 256)
            regs[0x20:0x22] = max(-32768, min(32767, lsb)).to_bytes(2, "little", signed=True)
        if reg <= 0x43 and reg + n > 0x40:
            ticks = int(self._ticks(now_us)) if regs[0x19] & 0x20 else 0
            regs[0x40:0x44] = (ticks & 0xFFFFFFFF).to_bytes(4, "little")
        # One count lower while powered down, as seen on real parts.
        regs[0x63] = (self.trim - (regs[0x10] >> 4 == 0)) & 0xFF
        if now_us < self._reset_until_us:
            regs[0x12] |= 0x01
        else:
            regs[0x12] &= 0xFE

    def _ticks(self, now_us):
        return (now_us - self._tick_zero_us) * (1.0 + self.odr_error) / TICK_US

    def _read_fifo(self, reg, n):
        """FIFO output: the address goes round 0x78 to 0x7E; each word read is gone."""
        skip = reg - 0x78
        words = (skip + n + 6) // 7
        data = bytes(self._fifo[: words * 7])
        del self._fifo[: words * 7]
        if len(data) < words * 7:
            data += bytes(words * 7 - len(data))  # an empty FIFO gives words without a kind
        if not self._regs[0x12] & 0x04:
            return data[skip : skip + 1] * n
        self._overwritten = False
        return data[skip : skip + n]

    # --- samples -------------------------------------------------------------------------------

    @property
    def rate_hz(self):
        """The rate this part really samples at; 0 when powered down."""
        code = self._regs[0x10] >> 4
        if code == 11 and not self._regs[0x15] & 0x10:
            return 0.0  # 1.6 Hz exists in low power only
        if code not in DIVISORS:
            return 0.0
        return BASE_RATE_HZ / DIVISORS[code] * (1.0 + self.odr_error)

    def _forget_ahead(self, now_us):
        """Throw away samples prepared for a future that will not come; start anew from now."""
        if self._ahead_at < len(self._ahead_slot):
            self._slot = int(self._ahead_slot[self._ahead_at]) - 1
        self._next_us = float(now_us)
        self._ahead_slot = np.zeros(0, int)
        self._ahead = np.zeros((0, 7), np.uint8)
        self._ahead_us = np.zeros(0)
        self._ahead_at = 0
        self._due_us = 0.0

    def _sync(self, now_us):
        """Move into the FIFO what the sensor sampled up to now."""
        if now_us < self._due_us:
            return
        if not self._batch_every() or self._mode == BYPASS:
            self._next_us = float(now_us)
            self._due_us = 0.0
            return
        self._skip_what_is_overwritten(now_us)
        while True:
            k = int(np.searchsorted(self._ahead_us, now_us, side="right"))
            if k > self._ahead_at:
                self._push(self._ahead[self._ahead_at : k])
                self._ahead_at = k
            if k < len(self._ahead_us):
                self._due_us = float(self._ahead_us[k])
                return
            self._prepare()

    def _batch_every(self):
        """Samples per FIFO slot, 0 when nothing is batched."""
        rate_code, batch_code = self._regs[0x10] >> 4, self._regs[0x09] & 0x0F
        if not self.rate_hz or batch_code not in DIVISORS:
            return 0
        return max(1, DIVISORS[batch_code] // DIVISORS[rate_code])

    def _skip_what_is_overwritten(self, now_us):
        """Do not make samples that a later one overwrites: a FIFO left alone for hours."""
        period_us = 1e6 * self._batch_every() / self.rate_hz
        missed = int((now_us - self._next_us) / period_us) - 4 * FIFO_DEPTH_WORDS
        if missed > 0 and self._mode == STREAM:
            self._ahead_us = np.zeros(0)
            self._ahead_slot = np.zeros(0, int)
            self._ahead_at = 0
            self._next_us += missed * period_us
            self._slot += missed
            self._over_run_latched = self._overwritten = True

    def _push(self, words):
        self._fifo += words.tobytes()
        capacity = FIFO_DEPTH_WORDS
        if self._regs[0x08] & 0x80:  # stop_on_wtm
            capacity = min(capacity, self._regs[0x07] | (self._regs[0x08] & 1) << 8)
        over = self._level - capacity
        if over > 0:
            self._over_run_latched = self._overwritten = True
            if self._mode == FIFO_STOPS:
                del self._fifo[capacity * 7 :]
            else:
                del self._fifo[: over * 7]

    def _prepare(self):
        """Make the next words, with the instants at which they appear."""
        every = self._batch_every()
        rate_hz = self.rate_hz / every
        n = AHEAD_SAMPLES
        period_us = 1e6 / rate_hz
        at_us = self._next_us + period_us * np.arange(1, n + 1)
        low_power = bool(self._regs[0x15] & 0x10)
        counts = self.converter.counts(
            self._next_us / 1e6, 1.0 / rate_hz, n, every, self._regs[0x10] >> 2 & 3, low_power
        )
        slots = self._slot + np.arange(1, n + 1)
        words = np.empty((n, 7), np.uint8)
        words[:, 0] = np.array([_tag(ACCEL, s) for s in range(4)], np.uint8)[slots & 3]
        words[:, 1:] = counts.astype("<i2").view(np.uint8).reshape(n, 6)
        self._ahead, self._ahead_us, self._ahead_slot = self._with_timestamps(words, at_us, slots)
        self._ahead_at = 0
        self._next_us = float(at_us[-1])
        self._slot += n

    def _with_timestamps(self, words, at_us, slots):
        every = (0, 1, 8, 32)[self._regs[0x0A] >> 6]
        if not every or not self._regs[0x19] & 0x20:
            return words, at_us, slots
        places = np.flatnonzero(slots % every == 1 % every)
        stamps = np.zeros((len(places), 7), np.uint8)
        ticks = (self._ticks(at_us[places]).astype(np.int64) & 0xFFFFFFFF).astype("<u4")
        stamps[:, 0] = [_tag(TIMESTAMP, int(slots[p])) for p in places]
        stamps[:, 1:5] = ticks.view(np.uint8).reshape(-1, 4)
        return (
            np.insert(words, places, stamps, axis=0),
            np.insert(at_us, places, at_us[places]),
            np.insert(slots, places, slots[places]),
        )
