"""Nights in which everything goes wrong, in one process, and a true account of every sample.

The world's acceleration tells when each sample was taken, so that what the log says of a run's
ends can be held against when its samples were really taken. Touches nothing outside. Speaks
seconds and ms of virtual time.
"""

from typing import NamedTuple

import aftermath
import numpy as np
from backup import Backup
from drivers import SensorLost
from drivers.lsm6dsox import Lsm6dsox
from fakes.bench_imu import Bench
from fakes.memory_storage import MemoryStorage
from fakes.night import Memory, settings
from fakes.worlds import StillWorld
from notturno.nights.samples import SampleClock
from notturno_core import wire
from notturno_core.eventlog import EventLog
from recorder import Recorder

PERIOD_S, SPAN_MG = 16.0, 3200.0  # a saw on x: 200 mg a second
# A sample is the mean of a conversion's last instants (chips.accelerometer): so far behind what
# its x tells, in periods, does the conversion end.
BEHIND = 0.375
EDGE = 100  # samples at a run's end from which its instant is read
POWER_ON, ASKED, WATCHDOG = 1, 2, 3  # machine.reset_cause()


class SawWorld(StillWorld):
    """x rises by 200 mg a second and falls every 16 s: each sample tells when it was taken."""

    def accel_mg(self, first_s, step_s, n):
        out = super().accel_mg(first_s, step_s, n)
        t_s = first_s + step_s * np.arange(n)
        out[:, 0] += (t_s % PERIOD_S) * (SPAN_MG / PERIOD_S) - SPAN_MG / 2
        return out


def instant_s(x_mg, at, step_s, near_s):
    """Return when sample `at` of some in a row was taken, from their x; near_s: to within 8 s."""
    x = np.asarray(x_mg, float) + SPAN_MG / 2
    falls = np.concatenate([[0], np.cumsum(np.diff(x) < -SPAN_MG / 2)])
    t_s = (x + falls * SPAN_MG) / (SPAN_MG / PERIOD_S)
    # All of them, moved to the one asked for; the middle is not moved by a sample of the fall.
    found = float(np.median(t_s - (np.arange(len(x)) - at) * step_s))
    return found + PERIOD_S * round((near_s - found) / PERIOD_S)


class Run:
    """Samples that the detector took without a break: x of the first and of the last ones."""

    def __init__(self, sample):
        self.sample, self.n = sample, 0
        self.first, self.last = [], []
        self.first_s = self.last_s = 0.0

    def end_s(self, step_s):
        """Return when the last sample's conversion ended."""
        last = instant_s(self.last, len(self.last) - 1, step_s, self.last_s)
        return last + BEHIND * step_s

    def start_s(self, step_s):
        """Return when the first sample's conversion began."""
        first = instant_s(self.first, 0, step_s, self.first_s)
        return first - (1 - BEHIND) * step_s

    def take(self, x_mg, now_s):
        if len(self.first) < EDGE:
            self.first += x_mg[: EDGE - len(self.first)]
            self.first_s = now_s - (self.n + len(x_mg)) / 104
        self.last = (self.last + x_mg)[-EDGE:]
        self.last_s = now_s
        self.n += len(x_mg)


class Band:
    """A band without radio that is started again and again on the same flash and RTC memory.

    capacity: bytes of flash. tick_error: of the band's tick, relative. `sessions` holds the
    truth: [(when this boot began in us, [Run])], in order.
    """

    def __init__(self, seed=1, capacity=1 << 24, tick_error=0.0, start_us=1_000_000_000):
        self.bench = Bench(SawWorld(), seed=seed, offset_mg=(0.0, 0.0, 0.0))
        self.bench.chip.converter.sensitivity[:] = 1.0  # x is a clock here
        self.clock = self.bench.clock
        self.clock.now_us = start_us
        self._tick_error = tick_error
        self.storage = MemoryStorage(capacity)
        self.memory = Memory()
        self.sessions = []
        self._fetched = {}
        self.starts = 0
        self._start(POWER_ON)

    def now_ms(self):
        """The band's tick: of this start of the firmware."""
        return int((self.clock.now_us - self._boot_us) * (1 + self._tick_error)) // 1000

    def _start(self, cause):
        self._boot_us = self.clock.now_us
        self.starts += 1
        backup = Backup(self.memory)
        self.log = EventLog(self.storage, lambda: 0xC0FFEE, 65536, backup.frames)
        self.log.open(backup.log_id, backup.fill)
        rtc_ms = self.clock.now_us // 1000
        aftermath.settle(self.log, backup, cause, self.now_ms(), rtc_ms, b"0.1.0")
        bench = self.bench
        imu = Lsm6dsox(
            bench.i2c,
            self.clock.sleep_ms,
            recreate=lambda: bench.i2c,
            unstick=bench.chip.unstick,
        )
        self.backup = backup
        self.recorder = Recorder(imu, self.log, self.now_ms, lambda: 3900, settings(), backup)
        self._watch(self.recorder)

    def true_s(self, boot_us, tick_ms):
        """Return the true instant of a tick of a boot, in s."""
        return boot_us / 1e6 + tick_ms / 1000 / (1 + self._tick_error)

    def _watch(self, recorder):
        """See what the detector is given: the truth beside the log."""
        detector = recorder._detector
        process, restart, gap = detector.process, detector.restart, detector.gap

        def watched_restart(*arguments, **named):
            self.sessions.append((self._boot_us, [Run(0)]))
            return restart(*arguments, **named)

        def watched_gap():
            self.sessions[-1][1].append(Run(recorder.samples))
            return gap()

        def watched_process(buf, n):
            counts = [(c ^ 0x8000) - 0x8000 for c in buf[: 3 * n : 3]]
            scale = recorder.imu.ug_per_lsb / 1000
            now_s = self.clock.now_us / 1e6
            self.sessions[-1][1][-1].take([c * scale for c in counts], now_s)
            return process(buf, n)

        detector.process = watched_process
        detector.restart = watched_restart
        detector.gap = watched_gap

    # --- its life ------------------------------------------------------------------------------

    def record(self, seconds):
        """Run the recorder as the band's loop does, and begin a session where none runs."""
        until_us = self.clock.now_us + int(seconds * 1e6)
        while self.clock.now_us < until_us:
            if self.recorder.recording:
                self.clock.sleep_ms(self.recorder.drain())
                continue
            try:
                self.recorder.start()
            except SensorLost:
                self.clock.sleep_ms(self.recorder.retry_ms())

    def reset(self, cause=WATCHDOG, dead_s=1.0, torn=0.0):
        """Begin the firmware anew: by the watchdog, or (POWER_ON) after a loss of power.

        torn: how much of what was not synced the flash has kept, as a share.
        """
        self.storage = self.storage.after_power_cut(
            lambda _name, low, high: low + int((high - low) * torn)
        )
        if cause == POWER_ON:
            self.memory = Memory()
            self.bench.chip.lose_power(self.clock.now_us)
        self.clock.now_us += int(dead_s * 1e6)
        self._start(cause)

    def crash(self):
        """What the supervisor does when an exception leaves the loop."""
        self.recorder.stop(wire.END_CRASHED)
        self.reset(ASKED)

    def fetched(self):
        """Return {number: frame} of all that the band has ever given out, and fetch the rest."""
        for frame in self.log.frames_from(0):
            seq = wire.frame_at(frame, 0, len(frame))[0]
            assert self._fetched.setdefault(seq, bytes(frame)) == frame, seq
        return self._fetched

    def sync(self):
        """What a host does: fetch all, store it, confirm it."""
        got = self.fetched()
        if got:
            self.log.commit(max(got))


# --- the account -------------------------------------------------------------------------------


class Account(NamedTuple):
    """What became of the samples: every seam's errors in samples, and where a session ended.

    late_end: by how much the log says the samples before a gap lasted longer than they did;
    early_start: by how much it says those behind began sooner. Both are time that is believed to
    be recorded and is not; negative ones lie in the gap and were analysed besides. ended_late:
    the same of a session's end.
    """

    late_end: list
    early_start: list
    ended_late: list
    lost_s: list


def account(band) -> Account:
    """Hold the log of a band's life against when its samples were really taken."""
    step_s = 1 / band.bench.true_hz
    found = Account([], [], [], [])
    frames = band.fetched()
    logged = sessions_of([frames[seq] for seq in sorted(frames)])
    assert len(logged) == len(band.sessions), "a session without a record, or the other way round"
    for (boot_us, runs), session in zip(band.sessions, logged, strict=True):
        _of_session(found, session, runs, step_s, lambda tick, b=boot_us: band.true_s(b, tick))
    return found


def _of_session(found, session, runs, step_s, true_s):
    heard = session.segments[-1][0]
    ends = [(e["sample"], e["tick_ms"]) for e in session.ends if e["sample"] > heard]
    pairs = [*session.minutes, *ends]
    clock = SampleClock(session.odr_mhz, session.segments, pairs, 0, session.lost)
    gaps = clock.gaps()
    assert len(gaps) <= len(runs) - 1
    for before, behind, gap in zip(runs, runs[1:], gaps, strict=False):
        if before.n:
            late_s = true_s(gap.start_tick_ms) - before.end_s(step_s)
            found.late_end.append(late_s / step_s)
        if behind.n:
            early_s = behind.start_s(step_s) - true_s(gap.end_tick_ms)
            found.early_start.append(early_s / step_s)
        if before.n and behind.n:
            found.lost_s.append(behind.start_s(step_s) - before.end_s(step_s))
    ran = [run for run in runs if run.n]
    unheard = session.segments[-1][0] == session.last_sample  # a gap until the end, told above
    if ran and session.last_sample and not unheard:
        believed_s = true_s(clock.tick_ms(session.last_sample))
        found.ended_late.append((believed_s - ran[-1].end_s(step_s)) / step_s)


class Logged(NamedTuple):
    """A session as the log has it: the believed rate, what pairs samples with ticks, its end."""

    odr_mhz: int
    segments: list
    minutes: list
    lost: list
    ends: list

    @property
    def last_sample(self):
        """The last sample that the log knows of."""
        known = [sample for sample, *_ in (*self.segments, *self.minutes)]
        return max([*known, *(end["sample"] for end in self.ends)])


def sessions_of(frames):
    """Return [Logged] of the sessions of a log, read as the store reads them."""
    found = []
    for frame in frames:
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        values = wire.unpack_record(kind, frame[start : n - wire.CRC_LEN])
        if kind == wire.REC_SESSION:
            found.append(Logged(values["odr_mhz"], [], [], [], []))
        elif kind == wire.REC_SEGMENT:
            pair = values["sample"], values["tick_ms"], values["reason"]
            found[-1].segments.append(pair)
        elif kind == wire.REC_MINUTE:
            found[-1].minutes.append((values["sample"], values["tick_ms"]))
        elif kind == wire.REC_EVENT and values["kind"] == wire.EVENT_GAP:
            found[-1].lost.append((values["onset_sample"], values["duration_samples"]))
        elif kind == wire.REC_END:
            found[-1].ends.append(values)
    return found
