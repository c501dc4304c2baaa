"""The beacon: on the dock a band tells its home's hub how full it is, and last night's jerks.

Touches the log's storage (one small file), the log (reading) and the service it is given. Loaded
on the dock alone, where the setting BEACON is "on"; what is said is `notturno_core.bthome`. Times
in ms.

A counter is never used for two contents: numbers are promised to the storage, PROMISED of them at
once, before the first is used, and a start goes on behind the promise. Where the file is lost, or
none was made yet, they go on from the date, in seconds: more than there were, for no band says
something new each second. Without file and date the beacon is silent, as it is where the promise
cannot be kept.
"""

import asyncio
import binascii
import struct
import sys
from array import array

import notturno_core
from notturno_core import bthome, charge, wire

NAME = "beacon"  # of the file beside the log
_MAGIC = b"NTB1"
_FORM = "<4sIII"  # magic, promised, jerks, the next record to look at; then the CRC-32
_NONE = 0xFFFFFFFF  # in the place of the jerks: no night yet
PROMISED = 16
SINCE_UTC_S = 1_577_836_800  # 2020: from here the seconds of a date are counted
LEAST = 100  # below it a hub believes that a counter has begun anew (bthome-ble), and takes any
MOST_BY_DATE = 0xF0000000
LOOK_BACK = 8192  # records, at most: some nights, and a walk of seconds
# Jerks of a session that are held against its times awake and not worn (8 kB); those behind them
# count as they are.
MOST_ONSETS = 2048
SHARE_EVERY = 8  # records read before the other tasks get their turn
BAND_MS, BEACON_MS = 4000, 1000  # in turns: who we are, what we tell
LOOK_MS = 250  # while it is told: is this still the dock
REFRESH_MS = 600_000  # the cell's voltage moves slowly
RETRY_MS = 60_000  # where there is nothing to tell: a host may give the time
_HEAD = wire.format_of(wire.EVENT_FIELDS_V1[:5])  # kind, flags, confidence, onset, duration
_REASON_AT = struct.calcsize(wire.format_of(wire.END_FIELDS[:2]))


class Beacon:
    """The beacon of one stay on the dock: `run()` is its task.

    key: the band's. ciphers: the port's, see ciphers.py. service: ble_service.BleService. docked,
    battery_mv, utc_ms: callables; the last gives None where the date is not known.
    """

    def __init__(self, storage, log, key, ciphers, battery_mv, config, service, docked, utc_ms):
        self._service = service
        self._storage = storage
        self._log = log
        self._encrypt = ciphers.ecb(bthome.bind_key(ciphers.sha256, key))
        self._docked = docked
        self._battery_mv = battery_mv
        self._utc_ms = utc_ms
        self._night_min = config.SYNCED_NIGHT_MIN
        self._counter = self._promised = None  # not known yet
        self.jerks = None  # of the last night; None: of none yet
        self._through = 0  # the record behind the last one looked at
        self._said = None  # (battery, jerks, address) of `_data`
        self._data = None
        self._load()

    def forget(self):
        """Let go of what a beacon alone needs: a night is to have the memory."""
        for name in ("bthome", "charge"):
            sys.modules.pop("notturno_core." + name, None)
            if hasattr(notturno_core, name):
                delattr(notturno_core, name)
        sys.modules.pop("beacon", None)

    # --- the task -------------------------------------------------------------------------------

    async def run(self):
        """Tell in turns who the band is and what the hub is to know; until it is cancelled."""
        try:
            await self._count()
            while True:
                self._refresh()
                if self._data is None:
                    await asyncio.sleep_ms(RETRY_MS)
                    continue
                for _ in range(REFRESH_MS // (BAND_MS + BEACON_MS)):
                    await asyncio.sleep_ms(BAND_MS)
                    await self._tell()
        except Exception as error:  # it costs the beacon, and nothing else
            print("no beacon:", error)
        finally:
            self._service.tell(None)

    async def _tell(self):
        for _ in range(BEACON_MS // LOOK_MS):
            if not self._docked():  # the band's own loop looks more seldom
                break
            self._service.tell(self._data)
            await asyncio.sleep_ms(LOOK_MS)
        self._service.tell(None)

    def _refresh(self):
        """Make the data anew where they have to say something else; None where they cannot."""
        pct, mac = charge.battery_pct(self._battery_mv()), self._service.address()
        said = pct, self.jerks, mac
        if self._data is not None and said == self._said:
            return
        self._data = None
        if mac is None or pct is None and self.jerks is None:
            return
        try:
            counter = self._next()
        except OSError as error:
            print("the beacon's counter cannot be kept:", error)
            return
        if counter is not None:
            self._said = said
            self._data = bthome.advertisement(self._encrypt, mac, counter, pct, self.jerks)

    # --- the counter ----------------------------------------------------------------------------

    def _load(self):
        data = bytearray(struct.calcsize(_FORM) + 4)
        try:
            self._storage.read_into(NAME, 0, data)  # of a shorter one the rest is 0: no CRC fits
        except OSError:
            return  # none yet
        body = memoryview(data)[:-4]
        (crc,) = struct.unpack_from("<I", data, len(body))
        magic, promised, jerks, through = struct.unpack_from(_FORM, data)
        if magic == _MAGIC and binascii.crc32(body) & 0xFFFFFFFF == crc:
            self._promised = promised
            self._through = through
            self.jerks = None if jerks == _NONE else jerks

    def _save(self, promised):
        jerks = _NONE if self.jerks is None else self.jerks
        data = struct.pack(_FORM, _MAGIC, promised, jerks, self._through)
        data += struct.pack("<I", binascii.crc32(data) & 0xFFFFFFFF)
        self._storage.replace(NAME, data)
        self._storage.sync()

    def _next(self):
        """Return a counter that was never used, or None where none is known. Raises OSError."""
        if self._counter is None:
            self._counter = self._first()
            self._promised = self._counter  # none of this start's yet
        if self._counter is None or self._counter > bthome.COUNTER_MOST - PROMISED:
            return None
        if self._counter >= self._promised:
            self._save(self._counter + PROMISED)
            self._promised = self._counter + PROMISED
        self._counter += 1
        return self._counter - 1

    def _first(self):
        utc_ms = self._utc_ms()
        by_date = 0 if utc_ms is None else utc_ms // 1000 - SINCE_UTC_S
        if not LEAST <= by_date < MOST_BY_DATE:
            return self._promised
        return by_date if self._promised is None else max(self._promised, by_date)

    # --- last night -----------------------------------------------------------------------------

    async def _count(self):
        """Look at the records that came since the last look: a night's counted jerks.

        A night is a recording of SYNCED_NIGHT_MIN or more, through resets, until it ends in order.
        """
        log = self._log
        seq = max(self._through, log.first_seq, log.next_seq - LOOK_BACK)
        stretch = None
        end_seq = log.next_seq
        read = 0
        for frame in log.frames_from(seq):
            _, kind, start, _ = wire.frame_at(frame, 0, len(frame))
            if kind == wire.REC_SESSION:
                stretch = stretch or Stretch()
                stretch.session()
            elif stretch is not None:
                stretch.take(kind, frame[start:])
                if stretch.over:
                    self._judge(stretch)
                    stretch = None
            read += 1
            if read % SHARE_EVERY == 0:
                await asyncio.sleep_ms(0)
        self._judge(stretch)  # on the dock none goes on
        self._through = end_seq

    def _judge(self, stretch):
        if stretch is not None and stretch.minutes >= self._night_min:
            self.jerks = stretch.counted()


class Stretch:
    """A recording, of one session or of more with resets between: minutes, and counted jerks.

    A jerk counts by its flags, and where it begins outside of the times awake and not worn.
    """

    def __init__(self):
        self.minutes = self._before = 0
        self.over = False
        self._onsets = array("I")
        self._left_out = []

    def session(self):
        """A session begins: samples are counted from 0 again."""
        self._before = self.counted()
        self._onsets = array("I")
        self._left_out = []

    def take(self, kind, payload):
        """Take a record's payload; what follows it is not looked at."""
        if kind == wire.REC_MINUTE:
            self.minutes += 1
        elif kind == wire.REC_END:
            self.over = payload[_REASON_AT] != wire.END_CRASHED
        elif kind == wire.REC_EVENT:
            what, flags, _, onset, duration = struct.unpack_from(_HEAD, payload)
            if what == wire.EVENT_JERK and not flags & bthome.NOT_COUNTED:
                if len(self._onsets) < MOST_ONSETS:
                    self._onsets.append(onset)
                else:
                    self._before += 1
            elif what == wire.EVENT_AWAKE or what == wire.EVENT_NOT_WORN:
                self._left_out.append((onset, onset + duration))

    def counted(self):
        """Return how many jerks count up to now."""
        count, at, until = self._before, 0, 0
        spans = sorted(self._left_out)
        for onset in sorted(self._onsets):
            while at < len(spans) and spans[at][0] <= onset:
                until = max(until, spans[at][1])
                at += 1
            count += onset >= until
        return count
