"""What every modelled chip has: a bus side that fails on demand, an oscillator, a FIFO in time.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time. A model says
what its registers do; nothing here or there is shared with a driver, so that a wrong code in one
shows as wrong data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from notturno.virtualband.chips.accelerometer import Converter
from notturno.virtualband.chips.bus import BusNak, BusStuck
from notturno.virtualband.world import Felt

AHEAD_SAMPLES = 256  # prepared in one go; the world is a function of time


class Part:
    """One chip in a world; a model fills in the rest.

    world: accel_mg(first_s, step_s, n) -> float (n, 3) and temperature_c(t_s). seed: this part's
    offset, noise and rate. odr_error: relative error of its oscillator; None: from the seed.
    """

    chip_name: str  # as its maker calls it
    address: int  # 7 bit, with the address pin as most breakouts have it
    KEY: int  # of this kind of chip's random numbers
    DRAWN_ERROR: float  # a part's oscillator is off by up to this, relative
    WORST_ERROR: float  # nor ever by more than this
    SPREAD_MG: float | tuple[float, ...]  # of the offset from part to part
    SAMPLE_BYTES: int  # of one sample in the FIFO
    WHOLE_WORDS = False  # a burst always begins with a whole one
    AGAIN_WHOLE = False  # one that was read in part comes again
    FIFO_BYTES: int
    FIFO_OUT: int  # the register that FIFO data is read from
    REGISTERS = 128

    def __init__(
        self,
        world: Felt,
        seed: int = 0,
        odr_error: float | None = None,
        offset_mg: Sequence[float] | None = None,
    ) -> None:
        self.world = world
        rng = np.random.default_rng([seed, self.KEY])
        drawn_error = rng.uniform(-self.DRAWN_ERROR, self.DRAWN_ERROR)
        self.odr_error = drawn_error if odr_error is None else odr_error
        if abs(self.odr_error) > self.WORST_ERROR:
            raise ValueError(f"odr_error {self.odr_error}: a part is within {self.WORST_ERROR}")
        self._draw(rng)
        self.converter = Converter(world, rng, self.SPREAD_MG, offset_mg)
        self._stuck = False
        self._faults: list[tuple[str, float]] = []
        self._regs = bytearray(self.REGISTERS)
        self._reset(0)

    # --- what a model says ---------------------------------------------------------------------

    @classmethod
    def on_flash(cls) -> dict[str, bytes]:
        """Return the files that a band's flash must hold for this chip: {name: bytes}."""
        return {}

    def _draw(self, rng: np.random.Generator) -> None:
        """Draw what is this part's own beside offset and rate."""

    def _reset(self, now_us: int) -> None:
        """Registers as after power-on. Ends with `_clear_fifo_state`."""
        raise NotImplementedError

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        raise NotImplementedError

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        raise NotImplementedError

    @property
    def rate_hz(self) -> float:
        """The rate this part really samples at; 0 when powered down."""
        raise NotImplementedError

    def _every(self) -> int:
        """Return the conversions per sample in the FIFO; 0 when none gets there."""
        raise NotImplementedError

    def _streams(self) -> bool:
        """Does a new sample push the oldest out of a full FIFO?"""
        return True

    def _capacity_bytes(self) -> int:
        return self.FIFO_BYTES

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        """Return (ug_per_lsb, rms noise of a conversion in mg) as the registers say."""
        raise NotImplementedError

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (frames as uint8 (m, SAMPLE_BYTES), their instants, their slots)."""
        raise NotImplementedError

    def _overran(self) -> None:
        """A sample was lost to a full FIFO."""

    # --- faults on demand ----------------------------------------------------------------------

    def fail(self, kind: str, count: int = 1, after: int = 0, words: float = 0) -> None:
        """Let transfers fail: `count` of them, after `after` good ones.

        kind: "nak"; "stuck" (until `unstick`); "broken" (a FIFO burst that breaks off after the
        chip gave `words` samples, which need not be a whole number).
        """
        if kind not in ("nak", "stuck", "broken"):
            raise ValueError(f"no fault called {kind}")
        self._faults += [("ok", words)] * after + [(kind, words)] * count

    def unstick(self) -> None:
        """Nine clock pulses and a stop came: whoever held SDA lets go."""
        self._stuck = False

    def lose_power(self, now_us: int) -> None:
        """The supply was gone for a moment: the registers are as after power-on."""
        self._reset(now_us)

    def _fault(self, reg: int, now_us: int) -> None:
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
            if reg == self.FIFO_OUT:
                self._sync(now_us)
                gone = int((int(words) if self.AGAIN_WHOLE else words) * self.SAMPLE_BYTES)
                if self.WHOLE_WORDS:  # a word half read is there no more, and none is cut
                    gone = -(-gone // self.SAMPLE_BYTES) * self.SAMPLE_BYTES
                del self._fifo[:gone]
            raise BusNak

    # --- bus -----------------------------------------------------------------------------------

    def write(self, reg: int, data: bytes, now_us: int) -> None:
        """Write bytes from register `reg` on. Raises BusNak, BusStuck."""
        self._fault(reg, now_us)
        self._write(reg, data, now_us)

    def read(self, reg: int, n: int, now_us: int) -> bytes:
        """Read n bytes from register `reg` on. Raises BusNak, BusStuck."""
        self._fault(reg, now_us)
        return self._read(reg, n, now_us)

    def int1(self, now_us: int) -> int:
        """Level of the first interrupt pin."""
        return 0

    def int2(self, now_us: int) -> int:
        """Level of the second interrupt pin."""
        return 0

    def level_bytes(self, now_us: int) -> int:
        """Return what the FIFO holds, for tests: the bus has no part in it."""
        self._sync(now_us)
        return len(self._fifo)

    def _take(self, n: int) -> bytes:
        """Take n bytes off the FIFO; fewer when it holds fewer."""
        data = bytes(self._fifo[:n])
        del self._fifo[:n]
        return data

    def _now(self, now_us: int) -> np.ndarray:
        """Return the counts (1, 3) of the output registers; zero while powered down.

        Made for the moment of reading; the chip's last conversion is up to one period older.
        """
        rate_hz = self.rate_hz
        if not rate_hz:
            return np.zeros((1, 3))
        return self.converter.counts_now(now_us / 1e6, rate_hz, *self._scale(rate_hz))

    # --- samples -------------------------------------------------------------------------------

    def _clear_fifo_state(self, now_us: int) -> None:
        self._fifo = bytearray()
        self._slot = 0  # number of the last sample that reached the FIFO, or is prepared to
        self._drop_ahead()
        self._begin_at(now_us)

    def _forget_ahead(self, now_us: int) -> None:
        """Throw away samples prepared for a future that will not come; start anew from now."""
        if self._ahead_at < len(self._ahead_slot):
            self._slot = int(self._ahead_slot[self._ahead_at]) - 1
        self._drop_ahead()
        self._begin_at(now_us)

    def _drop_ahead(self) -> None:
        self._ahead_slot = np.zeros(0, int)
        self._ahead_us = np.zeros(0)
        self._ahead_at = 0

    def _begin_at(self, now_us: int) -> None:
        """Sample from now on: nothing is due before it is made."""
        self._next_us = self._due_us = float(now_us)

    def _sync(self, now_us: int) -> None:
        """Move into the FIFO what the sensor sampled up to now."""
        if now_us < self._due_us:
            return
        if not self._every():
            self._begin_at(now_us)
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

    def _skip_what_is_overwritten(self, now_us: int) -> None:
        """Do not make samples that a later one overwrites: a FIFO left alone for hours."""
        period_us = 1e6 * self._every() / self.rate_hz
        depth = self.FIFO_BYTES // self.SAMPLE_BYTES
        missed = int((now_us - self._next_us) / period_us) - 4 * depth
        if missed > 0 and self._streams():
            self._drop_ahead()
            self._next_us += missed * period_us
            self._slot += missed
            self._overran()

    def _push(self, frames: np.ndarray) -> None:
        self._fifo += frames.tobytes()
        capacity = self._capacity_bytes()
        over = len(self._fifo) - capacity
        if over > 0:
            self._overran()
            if self._streams():
                del self._fifo[:over]
            else:
                del self._fifo[capacity:]

    def _prepare(self) -> None:
        """Make the next samples, with the instants at which they appear."""
        every = self._every()
        rate_hz = self.rate_hz / every
        n = self._foreseen(rate_hz)
        at_us = self._next_us + 1e6 / rate_hz * np.arange(1, n + 1)
        scale, noise_mg = self._scale(self.rate_hz)
        counts = self.converter.counts(
            self._next_us / 1e6, 1.0 / rate_hz, n, every, scale, noise_mg
        )
        slots = self._slot + np.arange(1, n + 1)
        self._ahead, self._ahead_us, self._ahead_slot = self._frames(counts, at_us, slots)
        self._ahead_at = 0
        self._next_us = float(at_us[-1])
        self._slot += n

    def _foreseen(self, rate_hz: float) -> int:
        """Return how many samples can be made now: a person who is awake may yet move."""
        foreseen_s = getattr(self.world, "foreseen_s", None)
        if foreseen_s is None:
            return AHEAD_SAMPLES
        return int(max(1, min(AHEAD_SAMPLES, foreseen_s(self._next_us / 1e6) * rate_hz)))


def big_endian(counts: np.ndarray) -> np.ndarray:
    """Return counts (n, 3) as bytes (n, 6), the high one first."""
    return counts.astype(">i2").view(np.uint8).reshape(len(counts), 6)


def little_endian(counts: np.ndarray) -> np.ndarray:
    """Return counts (n, 3) as bytes (n, 6), the low one first."""
    return counts.astype("<i2").view(np.uint8).reshape(len(counts), 6)
