"""Each step of a band's day alone: what a button, a cell, a dock and a host make of it."""

import asyncio
import importlib
from types import SimpleNamespace

import pytest
from backup import Backup
from fakes import device_modules, micropython_asyncio
from fakes.night import Memory, settings
from notturno_core import wire


class Made:
    """A band of parts that do nothing but say what was asked of them: `did`."""

    def __init__(self, monkeypatch, **changes):
        device_modules.install(monkeypatch)
        micropython_asyncio.install()
        module = importlib.import_module("band")
        self.did, self.ms = [], 1000
        note = self.note
        monkeypatch.setattr(
            module.signs, "show", lambda board, sign, pause: note("sign", self.sign_of(sign))
        )
        self.module = module
        self.board = SimpleNamespace(
            device_id=lambda: b"\1\2\3\4\5\6\0\0", docked=lambda: False, can_wake_deep=lambda: True
        )
        self.power = SimpleNamespace(
            awake=lambda: self.awake,
            stay_awake_ms=lambda ms: note("awake", ms),
            rest_now=lambda: note("rest"),
            restart=lambda: note("restart"),
            deep_sleep=lambda ms: note("deep", ms),
            battery_mv=lambda: self.mv,
            pause_ms=None,
            pace=lambda fast: note("pace", fast),
            sleep_ms=lambda ms: self.sleep(ms),
        )
        self.recorder = SimpleNamespace(
            **{"recording": False, "end_reason": 0, "samples": 0, "still_min": 0},
            stop=lambda reason: note("stop", reason),
            moment=lambda: ("moment", self.ms),
            mark=lambda moment: note("mark", moment),
            park=lambda: note("park"),
            drain=lambda: note("drain") or 2000,
            start=lambda: note("start"),
            retry_ms=lambda: 777,
            radio_fault=lambda: note("radio fault"),
        )
        self.service = SimpleNamespace(proven=False, changed=False)
        self.service.radio = lambda on: note("radio", on)
        self.awake, self.mv = False, 3900
        log = SimpleNamespace(committed_seq=5)
        self.backup = Backup(Memory())
        clock = SimpleNamespace(now_ms=lambda: self.ms)
        self.log, self.config = log, settings(**changes)
        parts = self.board, self.power, clock, log, self.recorder, self.config, self.backup
        self.band = module.Band(*parts, lambda: 0, lambda: note("feed"))
        self.band._service = self.service

    def note(self, *what):
        self.did.append(what if len(what) > 1 else what[0])

    def sign_of(self, sign):
        names = ("IDLE", "RECORDING", "MARK", "FAULT", "LOW", "SYNCING")
        return next(n for n in names if getattr(self.module.signs, n) == sign)

    def sleep(self, ms):
        self.note("sleep", ms)
        self.ms += ms

    def took(self):
        did, self.did[:] = list(self.did), []
        return did


@pytest.mark.parametrize(
    ("told", "recording", "docked", "did"),
    [
        (1, True, False, [("mark", None), ("sign", "MARK")]),
        (1, False, False, [("awake", 60_000)]),
        (1, False, True, []),
        (2, True, False, [("awake", 180_000), ("sign", "SYNCING")]),
        (2, False, True, [("awake", 180_000), ("sign", "SYNCING")]),
        (3, True, False, [("stop", wire.END_ASKED), ("awake", 60_000), ("sign", "IDLE")]),
        (3, False, False, []),
        (0, True, False, []),
    ],
)
def test_what_a_button_means(monkeypatch, told, recording, docked, did):
    made = Made(monkeypatch)
    made.recorder.recording, made.band._docked = recording, docked
    made.band.over = True
    made.band._button = SimpleNamespace(down_ms=None, poll=lambda: told)
    made.band._listen()
    assert made.took() == did
    assert made.band.over is not (told == 1 and not recording and not docked)


def test_a_mark_is_of_the_moment_at_which_the_button_went_down(monkeypatch):
    made = Made(monkeypatch)
    made.recorder.recording = True
    button = made.band._button = SimpleNamespace(down_ms=None)

    def polls(down_ms, told):
        def poll():
            button.down_ms = down_ms
            return told

        button.poll = poll
        made.band._listen()

    polls(1000, 0)
    made.ms = 1200
    polls(1000, 0)
    polls(None, 1)
    assert made.took() == [("mark", ("moment", 1000)), ("sign", "MARK")]


def test_the_cell_is_asked_once_a_minute_and_is_low_below_3450_mv(monkeypatch):
    made = Made(monkeypatch)
    for at_ms, mv, low in (
        (1000, 3450, False),
        (60_999, 3449, False),  # not asked yet
        (61_000, 3449, True),
        (120_999, 3900, True),
        (121_000, 0, False),  # not measured
        (181_000, 1, True),
    ):
        made.ms, made.mv = at_ms, mv
        assert made.band._battery_is_low() is low


@pytest.mark.parametrize(
    ("samples", "proven", "committed", "did", "synced"),
    [
        (180 * 60 * 104, False, 6, ["rest"], True),
        (180 * 60 * 104 - 1, False, 6, ["rest"], False),
        (180 * 60 * 104, False, 5, [], False),
        (180 * 60 * 104, True, 6, [], False),
    ],
)
def test_a_night_that_was_fetched_needs_no_radio(
    monkeypatch, samples, proven, committed, did, synced
):
    made = Made(monkeypatch)
    made.recorder.samples, made.service.proven = samples, proven
    made.log.committed_seq = committed
    made.band._look_what_was_fetched()
    assert made.took() == did and made.band._synced is synced


@pytest.mark.parametrize(
    ("ms", "changed", "proven", "did"),
    [
        (20 * 86_400_000, False, False, []),
        (20 * 86_400_000 + 1, False, False, ["restart"]),
        (20 * 86_400_000 + 1, False, True, []),
        (1000, True, False, ["restart"]),
        (1000, True, True, []),
    ],
)
def test_on_the_dock_it_starts_anew_when_it_is_old_or_has_something_new(
    monkeypatch, ms, changed, proven, did
):
    made = Made(monkeypatch)
    made.ms, made.service.changed, made.service.proven = ms, changed, proven
    made.band.checked = made.band._told_low = True
    assert made.band._rest() == 5000
    assert made.took() == [("stop", wire.END_DOCKED), *did]
    assert not made.band.over and not made.band.checked and not made.band._told_low
    other = Made(monkeypatch, START=("button",))
    other.band._rest()
    assert other.band.over


def test_a_low_cell_is_told_once_and_ends_the_night(monkeypatch):
    made = Made(monkeypatch)
    made.awake = True
    for told in ([("sign", "LOW")], []):
        assert made.band._starve() == 5000
        assert made.took() == [("stop", wire.END_BATTERY), *told]
    assert made.band.over


DEEP = [("radio", False), ("pace", False), "park", ("sign", "IDLE")]


@pytest.mark.parametrize(
    ("reason", "start", "peeks", "until_ms"),
    [
        (wire.END_NOT_WORN, ("undock",), 18, 600_000),
        (wire.END_ASKED, ("undock",), 0, None),
        (wire.END_ASKED, ("worn",), 65_535, 600_000),
    ],
)
def test_an_idle_band_sleeps_deep_and_looks(monkeypatch, reason, start, peeks, until_ms):
    made = Made(monkeypatch, START=start)
    made.recorder.end_reason = reason
    made.backup.gravity_mg = (1, 2, 3)
    assert made.band._idle() == 60_000
    assert made.took() == [*DEEP, ("deep", until_ms)]
    assert made.backup.peeks == peeks and made.backup.gravity_mg == (0, 0, 0)


@pytest.mark.parametrize(
    ("start", "before_min", "until_ms"),
    [
        (("worn", "clock"), 5, 300_000),  # the clock comes before the next look
        (("worn", "clock"), 20, 600_000),
        (("clock",), 20, 1_200_000),
        (("worn",), 5, 600_000),
    ],
)
def test_an_idle_band_sleeps_until_the_next_look_or_its_clock(
    monkeypatch, start, before_min, until_ms
):
    made = Made(monkeypatch, START=start, NIGHT_UTC_MIN=60)
    made.backup.keep_date((60 - before_min) * 60_000, 0, 1, 2, 0)
    made.band._idle()
    assert made.took() == [*DEEP, ("deep", until_ms)]


def test_a_band_whose_cell_is_low_asks_no_clock(monkeypatch):
    made = Made(monkeypatch, START=("worn", "clock"), NIGHT_UTC_MIN=60)
    made.backup.keep_date(55 * 60_000, 0, 1, 2, 0)
    made.band._idle(by_clock=False)
    assert made.took() == [*DEEP, ("deep", None)] and made.backup.peeks == 0


def test_an_idle_band_waits_while_somebody_is_expected_or_nothing_could_wake_it(monkeypatch):
    made = Made(monkeypatch)
    made.awake = True
    assert made.band._idle() == 5000
    made.awake, made.service.proven = False, True
    assert made.band._idle() == 5000
    made.service.proven = False
    made.board.can_wake_deep = lambda: False
    assert made.band._idle() == 60_000 and made.took() == []


def test_a_band_that_could_not_sleep_meets_its_clock(monkeypatch):
    made = Made(monkeypatch, START=("clock",), NIGHT_UTC_MIN=10)
    made.backup.keep_date(5 * 60_000, 0, 1, 2, 0)  # five minutes before
    made.board.can_wake_deep = lambda: False
    made.band.over = True
    assert made.band._idle() == 60_000
    made.ms += 299_999
    assert made.band._idle() == 60_000 and made.band.over
    made.ms += 1
    assert made.band._idle() == 0 and not made.band.over


@pytest.mark.parametrize(
    ("case", "wait_ms", "did", "over"),
    [
        ({}, 2000, ["drain"], False),
        ({"proven": True}, 500, ["drain"], False),
        ({"still_min": 90}, 0, [("stop", wire.END_NOT_WORN)], True),
        ({"still_min": 89}, 2000, ["drain"], False),
    ],
)
def test_a_nights_work(monkeypatch, case, wait_ms, did, over):
    made = Made(monkeypatch)
    made.recorder.recording = True
    made.recorder.still_min = case.get("still_min", 0)
    made.service.proven = case.get("proven", False)
    assert made.band._record() == wait_ms
    assert made.took() == did and made.band.over is over


def test_a_full_log_ends_the_night_and_leaves_the_radio_on_for_a_minute(monkeypatch):
    made = Made(monkeypatch)
    made.recorder.recording = True

    def drain():
        made.recorder.recording, made.recorder.end_reason = False, wire.END_LOG_FULL
        return 500

    made.recorder.drain = drain
    assert made.band._record() == 500 and made.band.over
    assert made.took() == [("stop", wire.END_LOG_FULL), ("awake", 60_000)]


def test_a_version_on_trial_works_once_samples_came(monkeypatch):
    made = Made(monkeypatch)
    confirmed = []
    monkeypatch.setattr(made.module.slots, "confirm", lambda: confirmed.append(1))
    made.recorder.recording = True
    made.band._record()
    assert confirmed == []
    made.recorder.samples = 1
    made.band._record()
    assert confirmed == [1]


def test_a_night_begins_with_one_test_and_a_sensor_that_refuses_is_told_once(monkeypatch):
    made = Made(monkeypatch)
    checked = []
    made.band.check = lambda cable, why: checked.append((cable, why)) or 9
    begin = made.recorder.start

    def refuses():
        raise made.module.SensorLost("gone")

    made.recorder.start = refuses
    assert [made.band._record() for _ in range(2)] == [777, 777]
    assert made.took() == [("sign", "FAULT"), ("sign", "FAULT")], "the test's, and the sensor's"
    assert checked == [(1, wire.CHECK_UNDOCKED)]
    made.recorder.start = begin
    assert made.band._record() == 2000
    assert made.took() == ["start", ("sign", "RECORDING"), "drain"]


def test_a_radio_that_refuses_is_told_once(monkeypatch):
    made = Made(monkeypatch)
    for on in (True, False):
        made.band._radio(on)
    assert made.took() == [("pace", True), ("radio", True), ("radio", False), ("pace", False)]

    def refuses(on):
        raise OSError(5)

    made.service.radio = refuses
    for _ in range(2):
        made.band._radio(False)
    assert made.took() == ["rest", "radio fault", "rest"]


# --- waiting -------------------------------------------------------------------------------------


def waited(made, monkeypatch, wait_ms):
    """Return what a wait did; awake waits as ("wait", ms)."""

    async def sleep_ms(ms):
        if ms:
            made.note("wait", ms)
            made.ms += ms

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms)
    asyncio.run(made.band._wait(wait_ms))
    return [did for did in made.took() if did[0] in ("wait", "sleep", "radio") or did == "feed"]


def test_a_sleep_is_cut_in_slices_that_the_watchdog_may_count_through(monkeypatch):
    made = Made(monkeypatch)
    made.band._button = SimpleNamespace(down_ms=None, poll=lambda: 0)
    assert waited(made, monkeypatch, 9000) == [
        *[("radio", False), ("sleep", 4000), "feed", ("sleep", 4000), "feed"],
        *[("sleep", 1000), "feed"],
    ]
    assert waited(made, monkeypatch, 0) == [("radio", False)]
    assert waited(made, monkeypatch, 1) == [("radio", False), ("sleep", 1), "feed"]
    made.band._button.down_ms = 7  # how long it is held decides
    assert waited(made, monkeypatch, 500) == [
        *[("radio", False), ("wait", 250), "feed", ("wait", 250), "feed"],
    ]


def test_awake_the_button_is_asked_four_times_a_second_and_on_the_dock_each_five(monkeypatch):
    made = Made(monkeypatch)
    made.band._button = SimpleNamespace(down_ms=None, poll=lambda: 0)
    made.awake = True
    assert waited(made, monkeypatch, 600) == [
        *[("radio", True), ("wait", 250), "feed", ("wait", 250), "feed", ("wait", 100), "feed"],
    ]
    assert waited(made, monkeypatch, 0) == [("radio", True)]
    assert waited(made, monkeypatch, 1) == [("radio", True), ("wait", 1), "feed"]
    made.awake, made.band._docked = False, True
    made.board.docked = lambda: True
    assert waited(made, monkeypatch, 7000) == [
        *[("radio", True), ("wait", 5000), "feed", ("wait", 2000), "feed"],
    ]
    made.board.docked = lambda: False
    assert waited(made, monkeypatch, 7000) == [("radio", True), ("wait", 5000), "feed"]


@pytest.mark.parametrize("who", ["a held button", "the dock"])
def test_a_sleep_ends_where_somebody_is_to_be_expected(monkeypatch, who):
    made = Made(monkeypatch)
    polled = []

    def poll():
        polled.append(1)
        if who == "a held button":
            made.awake = len(polled) == 2
        else:
            made.board.docked = lambda: len(polled) == 2
        return 0

    made.band._button = SimpleNamespace(down_ms=None, poll=poll)
    did = waited(made, monkeypatch, 60_000)
    assert did == [("radio", False), *[("sleep", 4000), "feed"] * 2]


def test_a_wait_ends_where_a_press_begins_a_night(monkeypatch):
    made = Made(monkeypatch)
    made.awake = made.band.over = True
    polls = iter([0, 0, 1])
    made.band._button = SimpleNamespace(down_ms=None, poll=lambda: next(polls))
    did = waited(made, monkeypatch, 60_000)
    assert did == [("radio", True), *[("wait", 250), "feed"] * 3] and not made.band.over


def test_a_host_that_has_proved_its_key_keeps_the_band_awake(monkeypatch):
    made = Made(monkeypatch)
    made.service.proven = True
    made.band._button = SimpleNamespace(down_ms=None, poll=lambda: 0)
    assert waited(made, monkeypatch, 250) == [("radio", True), ("wait", 250), "feed"]


# --- the loop ------------------------------------------------------------------------------------


class Stop(Exception):
    """So many turns are enough."""


def turns(made, *before, woken=False):
    """Run the loop, a change before each turn; return what each turn did."""
    band, told = made.band, []
    band._button = SimpleNamespace(down_ms=None, poll=lambda: 0)
    for name in ("_rest", "_starve", "_record", "_idle"):
        setattr(band, name, lambda name=name: made.note(name) or 100)
    waits = iter(before[1:])

    async def wait(wait_ms):
        assert wait_ms == 100
        told.append(made.took())
        try:
            next(waits)()
        except StopIteration:
            raise Stop from None

    band._wait = wait
    band._trust_rtc = lambda: None
    band.woken = woken
    made.recorder.listen = lambda tell: made.note("listen", tell)
    made.service.provisional = "rows"

    async def serve():
        pass

    made.service.run = serve
    before[0]()
    with pytest.raises(Stop):
        asyncio.run(band.run(made.service))
    return told


def nothing():
    pass


def test_a_start_listens_and_has_the_radio_on_for_a_minute_but_out_of_deep_sleep(monkeypatch):
    made = Made(monkeypatch)
    (did,) = turns(made, nothing)
    assert did == [("listen", "rows"), ("awake", 60_000), "feed", "_record"]
    (did,) = turns(Made(monkeypatch), nothing, woken=True)
    assert did == [("listen", "rows"), "feed", "_record"]


def test_dock_cell_night_and_rest_come_in_that_order(monkeypatch):
    made = Made(monkeypatch)
    band = made.band

    def docked():
        made.board.docked = lambda: True
        made.mv = 3000

    def lifted():
        made.board.docked = lambda: False

    def charged():
        made.mv = 3900
        made.ms += 60_000
        band.over = True

    def recording():
        made.recorder.recording = True

    did = turns(made, docked, lifted, charged, recording)
    assert [turn[-1] for turn in did] == ["_rest", "_starve", "_idle", "_record"]
    assert all(turn.count("feed") == 1 for turn in did)


def beacon_of(made):
    async def run():
        await asyncio.sleep(3600)

    return SimpleNamespace(run=run, forget=lambda: made.note("forget"))


def test_a_beacon_lasts_as_long_as_the_stay_on_the_dock(monkeypatch):
    made = Made(monkeypatch)
    given = []
    made.band.tell_by(lambda *parts: given.append(parts) or beacon_of(made))

    def docked():
        made.band._rest = lambda: type(made.band)._rest(made.band) and 100
        made.board.docked = at_dock

    def lifted():
        made.board.docked = lambda: False

    def at_dock():
        return True

    did = turns(made, nothing, docked, nothing, lifted, nothing)
    assert ["forget" in turn for turn in did] == [False, False, False, True, False]
    assert given == [(made.service, at_dock, made.band._utc_ms)], "one for the whole stay"
    assert made.band._beacon is None


def test_a_beacon_that_cannot_be_made_is_not_tried_again(monkeypatch, capsys):
    made = Made(monkeypatch)
    tried = []

    def fails(*_):
        tried.append(1)
        raise MemoryError("no room")

    made.band.tell_by(fails)
    for _ in range(2):
        made.band._rest()
    assert tried == [1] and "no beacon: no room" in capsys.readouterr().out
