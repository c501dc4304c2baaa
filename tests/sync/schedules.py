"""Random lives of a band, its flash and the computers that sync it; what must hold after each.

Touches temporary folders. The firmware's service and log, the conversation and the store are the
real ones; the air and the flash are made up, and fail as the seed says.
"""

import asyncio
import random
import shutil
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from air import DEVICE_ID, KEYS, UTC_MS, AirRadio, Band, HostKilled
from memory_storage import MemoryStorage
from nights_by_hand import Pen
from notturno.errors import UserError
from notturno.store import Store, bands
from notturno.sync import sync
from notturno_core import logmeta, wire

DEVICE = DEVICE_ID.hex()
HOUR_MS = 3_600_000


def records(minutes):
    pen = Pen()
    pen.night(2000, minutes, [(i * 0.9 + 0.1, {}) for i in range(minutes)])
    return [(frame[4], frame[6:-4]) for frame in pen.frames]


SOME = records(40)


async def no_wait(_):
    await asyncio.sleep(0)


class Life:
    """One band and two computers. `written`: every frame that was ever safe on the flash."""

    def __init__(self, seed, folder):
        self.rng = random.Random(seed)
        self.storage = FailingStorage(self.rng)
        self.homes = [folder / "a", folder / "b"]
        for home in self.homes:
            home.mkdir(parents=True)
        self.written = {}
        self.at = 0
        self.utc_ms = UTC_MS
        self.band = Band(storage=self.storage)
        self.record(30)

    def record(self, count):
        """Let the band log some records; what could be flushed is safe."""
        for _ in range(count):
            self.band.log.append(*SOME[self.at % len(SOME)])
            self.at += 1
        self.band.log.flush()
        self.note()

    def note(self):
        with self.storage.well():
            self.written.update((frame, None) for frame in self.band.frames())

    def reboot(self, forget=False):
        """Start anew on the same flash, as after a power cut; it may forget who it is."""
        self.storage.trouble = 0.0
        if forget:
            for name in logmeta.NAMES:
                self.storage.files.pop(name, None)
        self.band = Band(
            storage=self.storage,
            tick_ms=self.band.tick + 60_000,
            log_id=self.rng.randrange(1, 1 << 32),
        )
        self.record(self.rng.randint(1, 10))

    def fate(self):
        """Return what befalls each step of one sync."""
        chances = self.rng.choice(((0, 0, 0, 0), (0.02, 0.02, 0.01, 0.01), (0.1, 0, 0, 0.02)))
        rng = self.rng

        def befalls(number, kind):
            dice = rng.random()
            for chance, what in zip(chances, ("drop", "lose", "change", "kill"), strict=True):
                if dice < chance:
                    return what
                dice -= chance
            return None

        return befalls

    def sync(self, home, fate=lambda *_: None, mtu=247, again=False):
        """Sync into a folder; return the results, or None where it came to no end."""
        self.pass_ms(90_000)

        async def whole():
            radio = AirRadio(self.band, fate, self.utc_ms, mtu)
            async with self.band.awake():
                with Store.open(home) as store:
                    return await sync(radio, store, "UTC", keys=KEYS, sleep=no_wait, again=again)

        try:
            return asyncio.run(whole())
        except (HostKilled, UserError):
            return None
        finally:
            self.note()

    def pass_ms(self, ms):
        """Let time pass for the band and for the computers, also for the store's own clock."""
        self.band.tick += ms
        self.utc_ms += ms
        bands.now_utc_ms = lambda: self.utc_ms

    def held(self, home):
        """Return the frames that a computer holds, of all logs of the band."""
        with Store.open(home, create=False) as store:
            ids = [row[0] for row in store._db.execute("select distinct log_id from logs")]
            return [f for i in ids for f in store.frames(DEVICE, i, 0, 1 << 32)]

    def aside(self, home):
        """Return the frames that a computer keeps aside."""
        buf = bytearray(wire.MAX_FRAME_LEN)
        with Store.open(home, create=False) as store:
            rows = store._db.execute("select seq, kind, payload from quarantine").fetchall()
        return [bytes(buf[: wire.pack_frame_into(buf, 0, *row)]) for row in rows]

    def check(self):
        """Nothing is lost, nothing is there twice, nothing was made up."""
        with self.storage.well():
            on_band = set(self.band.frames())
        everywhere = set(on_band)
        for home in self.homes:
            held = self.held(home)
            assert len(held) == len(set(held)), "a record is there twice"
            assert set(held) <= set(self.written), "a record was made up"
            everywhere |= {*held, *self.aside(home)}
        lost = set(self.written) - everywhere
        assert not lost, f"{len(lost)} records are lost"

    def step(self):
        rng = self.rng
        what = rng.random()
        self.storage.trouble = rng.choice((0, 0, 0.02, 0.1))
        if what < 0.55:
            mtu = rng.choice((247, 247, 185, 23, None))
            self.sync(rng.choice(self.homes), self.fate(), mtu, again=rng.random() < 0.1)
        elif what < 0.8:
            self.storage.trouble = 0.0
            self.record(rng.randint(1, 40))
        else:
            self.reboot(forget=rng.random() < 0.3)
        self.check()

    def end(self):
        """With a good link and a good flash everything gets to both computers."""
        self.storage.trouble = 0.0
        for home in self.homes:
            for _ in range(3):
                done = self.sync(home)
                self.pass_ms(2 * HOUR_MS)  # what could not be read is asked for again by then
            assert done is not None and done[0].failed is None
            held = {*self.held(home), *self.aside(home)}
            assert set(self.band.frames()) <= held, "stuck on the band"
        self.check()
        assert self.band.log.committed_seq == self.band.log.next_seq, "never confirmed"


class FailingStorage(MemoryStorage):
    """A flash whose reads fail now and then, for once: an error, or a bit that was read wrong."""

    def __init__(self, rng):
        super().__init__()
        self._rng = rng
        self.trouble = 0.0

    def read_into(self, name, offset, buf):
        n = super().read_into(name, offset, buf)
        if self.trouble and name.startswith("log-") and self._rng.random() < self.trouble:
            if self._rng.random() < 0.3:
                raise OSError(5)
            if n:
                buf[self._rng.randrange(n)] ^= 1 << self._rng.randrange(8)
        return n

    def well(self):
        storage, before = self, self.trouble

        class Well:
            def __enter__(self):
                storage.trouble = 0.0

            def __exit__(self, *_):
                storage.trouble = before

        return Well()


def live(seed, folder, steps=8):
    """Live one life of so many steps. Raises AssertionError with the seed in its words."""
    folder = folder / str(seed)
    life = Life(seed, folder)
    try:
        for _ in range(steps):
            life.step()
        life.end()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error
    finally:
        shutil.rmtree(folder)
