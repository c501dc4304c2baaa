"""A whole recording in one process: world, chip, bus, driver, detector, log; the clock is ours.

Touches nothing outside. Speaks seconds of virtual time.
"""

import types

import config as firmware_config
from backup import Backup
from fakes.bench_imu import Bench
from fakes.memory_storage import MemoryStorage
from notturno_core import wire
from notturno_core.eventlog import EventLog
from recorder import Recorder


def settings(**changes):
    """The firmware's config with some numbers changed."""
    values = {k: v for k, v in vars(firmware_config).items() if k.isupper()}
    return types.SimpleNamespace(**{**values, **changes})


class Memory:
    """RTC memory: what was kept last."""

    def __init__(self, kept=b""):
        self.kept = bytes(kept)

    def __call__(self, block=None):
        if block is None:
            return self.kept
        self.kept = bytes(block)
        return None


class Night:
    """A band without radio. `record(seconds)` runs the recorder as the band's loop does."""

    def __init__(
        self, world, storage=None, config=None, segment_bytes=65536, memory=None, **chip_settings
    ):
        self.bench = Bench(world, **chip_settings)
        self.clock = self.bench.clock
        self.storage = storage or MemoryStorage()
        self.backup = Backup(memory or Memory())
        waits = None if memory is None else self.backup.frames
        self.log = EventLog(self.storage, lambda: 0xC0FFEE, segment_bytes, waits)
        self.log.open(self.backup.log_id, self.backup.fill)
        self.recorder = Recorder(
            self.bench.imu,
            self.log,
            self.now_ms,
            lambda: 3900,
            config or settings(),
            self.backup,
        )

    def now_ms(self):
        return self.clock.now_us // 1000

    def record(self, seconds):
        until_us = self.clock.now_us + seconds * 1_000_000
        while self.clock.now_us < until_us and self.recorder.recording:
            self.clock.sleep_ms(self.recorder.drain())

    def records(self, kind=None):
        """Records of the log as (name, values); SETTINGS as its payload."""
        out = []
        for frame in self.log.frames_from(0):
            _, found, start, n = wire.frame_at(frame, 0, len(frame))
            if kind is not None and found != kind:
                continue
            payload = bytes(frame[start : n - wire.CRC_LEN])
            values = wire.unpack_record(found, payload)
            out.append((wire.REC_NAMES[found], payload if values is None else values))
        return out

    def values(self, kind):
        return [values for _, values in self.records(kind)]
