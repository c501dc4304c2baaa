"""The dock's beacon: what a hub reads of it, and that no counter ever says two things."""

import asyncio
import hashlib
import types

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from fakes import micropython_asyncio
from fakes.hub import Hub, is_beacon
from fakes.memory_storage import MemoryStorage, PowerCut
from fakes.night import settings
from hypothesis import given
from hypothesis import strategies as st
from notturno.link.proof import ecb
from notturno.nights import counts
from notturno_core import bthome, charge, wire
from notturno_core.eventlog import EventLog

micropython_asyncio.install()
import beacon  # noqa: E402

KEY = bytes(range(9, 41))
BIND = bthome.bind_key(hashlib.sha256, KEY)
MAC, ADDRESS = bytes.fromhex("e454ffee0003"), "E4:54:FF:EE:00:03"
CIPHERS = types.SimpleNamespace(ecb=ecb, sha256=hashlib.sha256)
UTC_MS = 1_795_000_000_000  # in November 2026
BY_DATE = UTC_MS // 1000 - beacon.SINCE_UTC_S


class Service:
    """The radio's side: what is told, in order; None is the band's own name again."""

    def __init__(self):
        self.told = []
        self.mac = MAC

    def tell(self, data):
        if not self.told or self.told[-1] is not data:
            self.told.append(data)

    def address(self):
        return self.mac


class Dock:
    """A band on its dock; `at()` is one stay, which begins anew from what the storage holds."""

    def __init__(self, storage=None, utc_ms=UTC_MS):
        self.storage = storage or MemoryStorage()
        self.utc_ms = utc_ms
        self.battery_mv = 3900
        self.docked = True
        self.log = EventLog(self.storage, lambda: 0xB0B)
        self.log.open()

    def at(self):
        self.service = Service()
        return beacon.Beacon(
            self.storage,
            self.log,
            KEY,
            CIPHERS,
            lambda: self.battery_mv,
            settings(),
            self.service,
            lambda: self.docked,
            lambda: self.utc_ms,
        )

    def data(self, one=None):
        """Return what a stay tells first, or goes on to tell; None: nothing."""
        one = one or self.at()
        asyncio.run(one._count())
        one._refresh()
        return one._data

    def records(self, *records):
        for kind, payload in records:
            self.log.append(kind, payload)
        self.log.flush()


def jerk(onset, flags=0, kind=wire.EVENT_JERK, samples=20):
    values = {"kind": kind, "flags": flags, "onset_sample": onset, "duration_samples": samples}
    return wire.REC_EVENT, wire.pack_event(values)


def end(reason=wire.END_DOCKED):
    return wire.REC_END, wire.pack(wire.END_FIELDS, {"reason": reason, "sample": 1 << 20})


SESSION = wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, {})
MINUTE = wire.REC_MINUTE, wire.pack(wire.MINUTE_FIELDS, {"jerks": 9})
LONG = settings().SYNCED_NIGHT_MIN


def counter_of(data):
    return int.from_bytes(data[-8:-4], "little")


# --- the bytes ----------------------------------------------------------------------------------


def test_the_example_of_the_formats_own_page():
    key = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
    nonce = bytes.fromhex("5448e68f80a5d2fc4100112233")
    sealed = bthome.ccm(ecb(key), nonce, bytes.fromhex("02ca0903bf13"))
    assert sealed.hex() == "a47266c95f7378237214"


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=13, max_size=13), st.binary())
def test_ccm_is_what_another_library_makes_of_it(key, nonce, plain):
    assert bthome.ccm(ecb(key), nonce, plain) == AESCCM(key, 4).encrypt(nonce, plain, None)


def test_the_hubs_key_is_no_part_of_the_bands():
    assert len(BIND) == 16 and BIND not in KEY and KEY not in BIND
    assert bthome.bind_key(hashlib.sha256, KEY[::-1]) != BIND
    # Held, so that no later version gives another key to hubs that have this one.
    assert BIND.hex() == "2b61bdd0fac0ffcad16ecfc1255e1f4a"


@given(st.integers(100, bthome.COUNTER_MOST), st.integers(0, 100), st.integers(0, 0xFFFF))
def test_a_hub_reads_what_was_told(counter, pct, jerks):
    data = bthome.advertisement(ecb(BIND), MAC, counter, pct, jerks)
    assert len(data) == 23 and counter_of(data) == counter
    assert Hub(BIND).hear(data, ADDRESS) == (pct, jerks)


def test_what_is_not_known_is_not_told_and_too_many_jerks_are_the_most():
    hub = Hub(BIND)
    assert hub.hear(bthome.advertisement(ecb(BIND), MAC, 200, None, 7), ADDRESS) == (None, 7)
    hub = Hub(BIND)
    assert hub.hear(bthome.advertisement(ecb(BIND), MAC, 200, 7, None), ADDRESS) == (7, None)
    data = bthome.advertisement(ecb(BIND), MAC, 201, None, 70_000)
    assert hub.hear(data, ADDRESS) == (7, 0xFFFF)


def test_another_key_another_address_or_a_changed_byte_is_not_believed():
    data = bthome.advertisement(ecb(BIND), MAC, 200, 55, 312)
    assert Hub(bytes(16)).hear(data, ADDRESS) == (None, None)
    assert Hub(BIND).hear(data, ADDRESS.replace("E4", "E5")) == (None, None)
    for at in range(8, len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        assert Hub(BIND).hear(changed, ADDRESS) == (None, None)


def test_the_flags_that_keep_a_jerk_out_are_the_hosts():
    assert bthome.NOT_COUNTED == sum(bit for bit, _ in counts.OF_JERKS)


# --- last night ---------------------------------------------------------------------------------


def test_a_night_counts_what_the_host_would_count():
    dock = Dock()
    span = jerk(5000, kind=wire.EVENT_AWAKE, samples=1000)
    dock.records(SESSION, jerk(10), jerk(20, wire.FLAG_SLOW), jerk(30, wire.FLAG_CLIPPED))
    dock.records(*[MINUTE] * LONG, jerk(4999), jerk(5000), jerk(5999), jerk(6000), span)
    dock.records(jerk(40, kind=wire.EVENT_LM), end())
    one = dock.at()
    dock.data(one)
    assert one.jerks == 4


def test_sessions_that_a_reset_has_parted_are_one_night_and_a_new_night_begins_at_zero():
    dock = Dock()
    half = [MINUTE] * (LONG // 2)
    dock.records(SESSION, jerk(10), *half, end(wire.END_CRASHED))
    dock.records(SESSION, jerk(10), jerk(11), *half)  # a power cut: no end at all
    dock.records(SESSION, jerk(10), end())
    one = dock.at()
    dock.data(one)
    assert one.jerks == 4
    dock.records(SESSION, *[MINUTE] * LONG, jerk(5), end(wire.END_NOT_WORN))
    dock.data(one)
    assert one.jerks == 1


def test_what_is_shorter_than_a_night_takes_nobodys_place():
    dock = Dock()
    dock.records(SESSION, jerk(10), *[MINUTE] * (LONG - 1), end())
    one = dock.at()
    dock.data(one)
    assert one.jerks is None
    dock.records(SESSION, *[MINUTE] * LONG, jerk(5), jerk(9), end())
    dock.records(SESSION, jerk(10), *[MINUTE] * (LONG - 1), end())
    dock.data(one)
    assert one.jerks == 2


def test_the_night_is_still_known_when_its_records_were_given_up_and_after_a_reset():
    dock = Dock()
    dock.records(SESSION, *[MINUTE] * LONG, jerk(5), jerk(9), jerk(12), end())
    dock.data()
    for name in [name for name in dock.storage.files if name.startswith("log-")]:
        dock.storage.remove(name)
    again = Dock(dock.storage)
    one = again.at()
    assert Hub(BIND).hear(again.data(one), ADDRESS) == (charge.battery_pct(3900), 3)


def test_more_jerks_than_are_held_in_memory_count_too():
    dock = Dock()
    span = jerk(0, kind=wire.EVENT_AWAKE, samples=10)
    many = [jerk(i) for i in range(beacon.MOST_ONSETS + 50)]
    dock.records(SESSION, *[MINUTE] * LONG, *many, span, end())
    one = dock.at()
    dock.data(one)
    assert one.jerks == len(many) - 10


def test_what_was_looked_at_is_not_looked_at_again():
    dock = Dock()
    dock.records(SESSION, *[MINUTE] * LONG, end())
    dock.data()
    looked = []
    frames_from = dock.log.frames_from
    dock.log.frames_from = lambda seq: looked.append(seq) or frames_from(seq)
    dock.data()
    assert looked == [dock.log.next_seq]


def test_a_night_of_many_thousand_records_is_looked_at_as_far_back_as_is_said():
    dock = Dock()
    dock.records(SESSION, *[MINUTE] * LONG, *[jerk(30 * i) for i in range(900)], end())
    dock.records(*[(wire.REC_MARK, b"12345678")] * beacon.LOOK_BACK)
    one = dock.at()
    dock.data(one)
    assert one.jerks is None
    dock.records(SESSION, *[MINUTE] * LONG, *[jerk(30 * i) for i in range(900)], end())
    dock.data(one)
    assert one.jerks == 900


# --- the counter --------------------------------------------------------------------------------


def test_the_counter_goes_up_with_each_new_content_and_with_nothing_else():
    dock = Dock()
    one = dock.at()
    first = dock.data(one)
    assert counter_of(first) == BY_DATE
    assert dock.data(one) is first
    dock.battery_mv = 4000
    assert counter_of(dock.data(one)) == BY_DATE + 1
    later = counter_of(dock.data())  # after a reset: behind all that was promised
    assert later == BY_DATE + beacon.PROMISED


def test_a_hub_takes_no_older_counter_and_ours_is_never_one_that_it_takes_for_a_new_beginning():
    dock = Dock(utc_ms=beacon.SINCE_UTC_S * 1000 + 1)
    assert dock.data() is None  # a date before any band: no date
    dock.utc_ms = UTC_MS
    hub = Hub(BIND)
    one = dock.at()
    old = dock.data(one)
    dock.battery_mv = 4000
    new = dock.data(one)
    assert hub.hear(new, ADDRESS)[0] == charge.battery_pct(4000)
    assert hub.hear(old, ADDRESS)[0] == charge.battery_pct(4000), "an old one, played again"
    assert counter_of(old) >= beacon.LEAST


def test_without_a_date_it_begins_only_where_it_has_begun_before():
    dock = Dock(utc_ms=None)
    assert dock.data() is None
    dock.utc_ms = UTC_MS
    first = counter_of(dock.data())
    dock.utc_ms = None
    assert counter_of(dock.data()) == first + beacon.PROMISED
    dock.utc_ms = UTC_MS - 86_400_000  # a host whose clock is a day behind
    assert counter_of(dock.data()) == first + 2 * beacon.PROMISED


def test_a_lost_or_damaged_file_goes_on_from_the_date():
    dock = Dock()
    first = counter_of(dock.data())
    dock.utc_ms += 60_000
    for spoil in (lambda f: f.clear(), lambda f: f.__setitem__(5, f[5] ^ 1), lambda f: f.pop()):
        spoil(dock.storage.files[beacon.NAME])
        later = counter_of(dock.data())
        assert later == first + 60
        dock.utc_ms += 60_000
        first = later
    dock.storage.files[beacon.NAME].clear()
    dock.utc_ms = None
    assert dock.data() is None


def test_the_last_numbers_are_not_begun():
    dock = Dock()
    one = dock.at()
    one._counter = one._promised = bthome.COUNTER_MOST - beacon.PROMISED
    assert dock.data(one) is not None
    dock.battery_mv = 4000
    assert dock.data(one) is None
    assert dock.data() is None
    # And no wrong date leads there.
    assert Dock(utc_ms=(beacon.MOST_BY_DATE + beacon.SINCE_UTC_S) * 1000).data() is None


def test_where_the_promise_cannot_be_kept_nothing_is_told(capsys):
    dock = Dock()

    def full(name, data):
        raise OSError(28)

    dock.storage.replace = full
    assert dock.data() is None
    assert "cannot be kept" in capsys.readouterr().out
    del dock.storage.replace
    assert dock.data() is not None


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.lists(st.integers(3450, 4200), max_size=20)),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_no_counter_says_two_things_whatever_cuts_the_power(stays, dated):
    dock = Dock()
    dock.data()  # it has a file
    said = {}
    last = 0
    for power, voltages in stays:
        dock.utc_ms = UTC_MS if dated else None
        one = dock.at()
        dock.storage.power = power
        try:
            for dock.battery_mv in voltages:
                data = dock.data(one)
                assert counter_of(data) >= last
                last = counter_of(data)
                assert said.setdefault(last, data) == data
        except PowerCut:
            pass
        dock = Dock(dock.storage.after_power_cut())


@pytest.mark.parametrize(
    ("by_date", "known", "first"),
    [
        (99, None, None),
        (100, None, 100),
        (beacon.MOST_BY_DATE - 1, None, 0xEFFFFFFF),
        (beacon.MOST_BY_DATE, None, None),
        (99, 7000, 7000),
        (6999, 7000, 7000),
        (7001, 7000, 7001),
    ],
)
def test_a_counter_begins_with_the_seconds_of_a_date_that_can_be_one(by_date, known, first):
    dock = Dock(utc_ms=(by_date + 1_577_836_800) * 1000 + 999)
    one = dock.at()
    one._promised = known
    assert one._first() == first


@pytest.mark.parametrize(
    ("spans", "onsets", "counted"),
    [
        ([], [0, 5], 2),
        ([(10, 20)], [9, 10, 19, 20, 21], 3),
        ([(10, 100), (20, 30)], [50, 99, 100], 1),  # one within the other
        ([(20, 30), (10, 22)], [9, 15, 25, 30], 2),  # in whatever order they were told
        ([(0, 0)], [0], 1),
    ],
)
def test_which_jerks_begin_outside_of_the_times_that_do_not_count(spans, onsets, counted):
    stretch = beacon.Stretch()
    for begin, end_ in spans:
        stretch.take(*jerk(begin, kind=wire.EVENT_NOT_WORN, samples=end_ - begin))
    for onset in onsets:
        stretch.take(*jerk(onset))
    assert stretch.counted() == counted
    stretch.session()
    assert stretch.counted() == counted, "a new session begins at sample 0, and keeps the count"
    stretch.take(*jerk(15))
    assert stretch.counted() == counted + 1


@pytest.mark.parametrize(("records", "turns"), [(7, 0), (8, 1), (15, 1), (16, 2)])
def test_the_records_of_a_night_are_read_eight_at_a_time(monkeypatch, records, turns):
    dock, slept = Dock(), []

    async def sleep_ms(ms):
        slept.append(ms)

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms, raising=False)
    dock.records(*[(wire.REC_MARK, b"12345678")] * records)
    asyncio.run(dock.at()._count())
    assert slept == [0] * turns


# --- on the air ---------------------------------------------------------------------------------


def stay(dock, seconds, monkeypatch, each_ms=None):
    """Let a stay run for so long in virtual time; return [(ms, what is told from then on)]."""
    now_ms = 0
    told = []
    one = dock.at()
    tell = dock.service.tell

    def noted(data):
        before = len(dock.service.told)
        tell(data)
        if len(dock.service.told) > before:
            told.append((now_ms, data))

    dock.service.tell = noted

    async def sleep_ms(ms):
        nonlocal now_ms
        now_ms += ms
        if each_ms:
            each_ms(now_ms)
        if now_ms >= seconds * 1000:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms, raising=False)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(one.run())
    return told


def test_it_tells_for_a_second_in_five_and_the_band_is_found_in_between(monkeypatch):
    told = stay(Dock(), 60, monkeypatch)
    assert told[-1][1] is None, "who we are is told again at the end"
    turns = [(at_ms, data is not None) for at_ms, data in told]
    assert turns[:4] == [(4000, True), (5000, False), (9000, True), (10000, False)]
    assert all(is_beacon(data) for _, data in told if data)


def test_off_the_dock_it_stops_within_a_quarter_of_a_second(monkeypatch):
    dock = Dock()

    def lifted(now_ms):
        dock.docked = now_ms < 4250

    told = stay(dock, 60, monkeypatch, lifted)
    assert [at_ms for at_ms, _ in told] == [4000, 4250]
    assert told[1][1] is None


def test_the_voltage_is_looked_at_every_ten_minutes(monkeypatch):
    dock = Dock()

    def charging(now_ms):
        dock.battery_mv = 3900 if now_ms < 300_000 else 4000

    told = [(at_ms, data) for at_ms, data in stay(dock, 1300, monkeypatch, charging) if data]
    changed = [b[0] for a, b in zip(told, told[1:], strict=False) if a[1] != b[1]]
    assert changed == [604_000]


def test_a_host_that_gives_the_time_begins_it_within_a_minute(monkeypatch):
    dock = Dock(utc_ms=None)

    def given(now_ms):
        dock.utc_ms = None if now_ms < 100_000 else UTC_MS

    first = next(at_ms for at_ms, data in stay(dock, 300, monkeypatch, given) if data)
    assert first == 124_000


def test_nothing_known_or_no_radio_is_nothing_told(monkeypatch):
    dock = Dock()
    dock.battery_mv = 0  # no divider, and no night yet
    assert not [data for _, data in stay(dock, 200, monkeypatch) if data]
    dock.battery_mv = 3900
    one = dock.at()
    dock.service.mac = None
    assert dock.data(one) is None


def test_whatever_goes_wrong_costs_the_beacon_alone(monkeypatch, capsys):
    dock = Dock()
    dock.log.frames_from = lambda seq: (_ for _ in ()).throw(OSError(5))
    asyncio.run(dock.at().run())
    assert "no beacon" in capsys.readouterr().out


def test_it_lets_go_of_what_only_it_needs():
    import sys

    import notturno_core

    dock = Dock()
    kept = {name: sys.modules[name] for name in ("beacon", "notturno_core.bthome")}
    kept["notturno_core.charge"] = sys.modules["notturno_core.charge"]
    try:
        dock.at().forget()
        assert not set(kept) & set(sys.modules)
        assert not hasattr(notturno_core, "bthome")
    finally:
        sys.modules.update(kept)
        notturno_core.bthome, notturno_core.charge = bthome, charge


def test_what_could_not_be_told_is_told_when_it_is_so_again():
    dock = Dock()
    told = dock.at()
    told.jerks = 3
    told._refresh()
    first = told._data
    assert first is not None

    def refuses():
        raise OSError(28)

    counts_on = told._next
    told._next, dock.battery_mv = refuses, 3700
    told._refresh()
    assert told._data is None
    told._next, dock.battery_mv = counts_on, 3900  # as it was told before
    told._refresh()
    assert told._data is not None and told._data != first
    again = told._data
    told._refresh()
    assert told._data is again, "nothing new, and no number spent"
