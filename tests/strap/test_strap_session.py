"""The strap check over live rows: the firmware's real service on a made-up air, and its breaks."""

import asyncio
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from air import DEVICE_ID, KEYS, UTC_MS, AirRadio, Band
from notturno import link
from notturno.errors import UserError
from notturno.live import FINAL, PROVISIONAL, Recording, Row
from notturno.strap import session
from notturno.strap.session import Plan
from notturno_core import wire

RATE_HZ = 100
GAP_S = session.GAP_S
PLAN = Plan(cues=4, still_s=0.05, put_on_s=0.5, settle_s=0.01, last_s=0.1, known_s=0.0)


@pytest.fixture(autouse=True)
def short_gaps(monkeypatch):
    monkeypatch.setattr(session, "GAP_S", (0.03, 0.05))


class Wearer(AirRadio):
    """A radio in a world whose clock moves by what happens alone, and whose person moves.

    does: {number of the cue, from 1: callable(self) -> rows told} instead of one movement.
    """

    def __init__(self, band, does=None, recording=False, **more):
        super().__init__(band, **more)
        self.does = does or {}
        self.cues = 0
        self.asked = []
        self.wearer_is_simulated = True
        info = band.info
        state = wire.STATE_RECORDING if recording else wire.STATE_DOCKED
        band.service._answers._info = lambda: info() | {"state": state}
        self.world_ms = self.begun_ms = self.questions = 0

    async def utc_now_ms(self):
        self.questions += 1
        return UTC_MS + self.world_ms

    def log(self, record, fields, **values):
        self.band.log.append(record, wire.pack(fields, values))

    def begin(self):
        self.begun_ms = self.world_ms
        self.log(wire.REC_SESSION, wire.SESSION_FIELDS, odr_mhz=RATE_HZ * 1000)
        tick_ms = self.band.tick + self.world_ms
        self.log(wire.REC_SEGMENT, wire.SEGMENT_FIELDS, sample=0, tick_ms=tick_ms)

    def move(self, number, final=True, after_ms=400, **values):
        """A movement of 0.6 s; return how many rows tell of it."""
        onset = (self.cue_ms + after_ms - self.begun_ms) * RATE_HZ // 1000
        row = {"kind": wire.EVENT_LM, "number": number, "onset_sample": onset}
        payload = wire.pack_event(row | {"duration_samples": 60, "peak_mg": 300} | values)
        self.band.service.provisional(payload)
        if final:
            self.band.log.append(wire.REC_EVENT, payload)
        return 1 + final

    async def ask_wearer(self, what):
        self.asked.append(what)
        if what == link.WEARER_PUT_ON:
            self.begin()
        if what == link.WEARER_MOVE:
            self.cues += 1
            self.cue_ms = self.world_ms
            self.world_ms += 2000  # when the band tells of it
            before = self.questions
            rows = self.does.get(self.cues, lambda radio: radio.move(radio.cues))(self)
            while self.questions < before + (rows or 0):
                await asyncio.sleep(0.001)
            self.world_ms += 8000


def checked(radio, plan=PLAN, said=None):
    async def whole():
        async with radio.band.awake():
            say = (said if said is not None else []).append
            return await session.check(
                radio, KEYS, lambda *step: say(step), plan, chance=random.Random(1)
            )

    return asyncio.run(whole())


def test_every_cue_that_is_answered_is_found_and_the_steps_are_told_in_order():
    said = []
    radio = Wearer(Band())
    found = checked(radio, said=said)
    assert (found["found"], found["cues"], found["extra"], found["false_rows"]) == (4, 4, 0, 0)
    assert found["device_id"] == DEVICE_ID.hex() and found["firmware"] == "0.1.0"
    assert found["wearer_simulated"] and found["peak_high_mg"] == 300
    assert [answer["latency_s"] for answer in found["answers"]] == [2.0] * 4
    assert (found["latency_p95_s"], found["late_median_s"]) == (2.0, 1.0)
    assert (found["begun_utc_ms"], found["ended_utc_ms"]) == (UTC_MS, UTC_MS + 40_000)
    assert [step for step, _ in said] == [
        *("connect", "put_on", "settle", "still", "ready"),
        *(["now"] * 4),
        "wait",
    ]
    assert [number for step, number in said if step == "now"] == [1, 2, 3, 4]
    assert radio.asked == [link.WEARER_PUT_ON, *[link.WEARER_MOVE] * 4, link.WEARER_TAKE_OFF]


def test_a_band_that_records_already_need_not_be_put_on():
    radio = Wearer(Band(), recording=True)

    async def whole():
        async with radio.band.awake():
            task = asyncio.create_task(session.check(radio, KEYS, lambda *_: None, PLAN))
            while not radio.band.service._live._on:
                await asyncio.sleep(0.001)
            radio.begin()  # of a recording that was cut and goes on
            return await task

    found = asyncio.run(whole())
    assert found["found"] == 4 and link.WEARER_PUT_ON not in radio.asked


def test_what_the_band_misses_or_says_of_nobody_is_counted():
    radio = Wearer(
        Band(),
        does={
            1: lambda radio: None,
            2: lambda radio: radio.move(2, after_ms=-900),  # before its cue: no answer
            3: lambda radio: radio.move(30) + radio.move(31, after_ms=1000),
        },
    )
    found = checked(radio)
    assert (found["found"], found["extra"]) == (2, 2)
    assert [answer["found"] for answer in found["answers"]] == [False, False, True, True]


def test_a_row_that_is_revised_is_one_with_its_last_name():
    def move(radio):
        radio.move(1, final=False)
        flags = wire.FLAG_IN_AWAKE
        row = {"kind": wire.EVENT_JERK, "number": 1, "peak_mg": 410, "flags": flags}
        radio.band.log.append(wire.REC_EVENT, wire.pack_event(row | {"duration_samples": 9}))
        return 2

    found = checked(Wearer(Band(), does={1: move}))
    first = found["answers"][0]
    assert (first["kind"], first["left_out"], first["peak_mg"]) == ("jerk", "in_awake", 410)
    assert (found["found"], found["counted"]) == (4, 3)


def test_a_recording_that_was_joined_is_given_time_to_tell_where_it_is():
    said = []
    radio = Wearer(Band(), recording=True)
    plan = Plan(cues=3, still_s=0.05, settle_s=0.01, last_s=0.1, known_s=0.3)

    async def whole():
        async with radio.band.awake():
            return await session.check(radio, KEYS, lambda *step: said.append(step), plan)

    with pytest.raises(UserError, match="did not tell where"):
        asyncio.run(whole())  # it never did
    assert dict(said)["settle"] == pytest.approx(0.25) and Plan().known_s == 125
    assert radio.asked[-1] == link.WEARER_TAKE_OFF


def test_a_band_that_is_not_put_on_says_so_and_asks_for_it():
    radio = Wearer(Band())
    radio.begin = lambda: None
    with pytest.raises(UserError, match="did not begin to record; take it off its charger"):
        checked(radio)


def test_a_recording_that_ends_in_the_middle_ends_the_check():
    def end(radio):
        radio.log(wire.REC_END, wire.END_FIELDS, reason=wire.END_DOCKED)

    with pytest.raises(UserError, match="stopped recording in the middle.*begin again"):
        checked(Wearer(Band(), does={2: end}))


def test_a_link_that_is_lost_in_the_middle_ends_it_with_what_to_do():
    def fate(number, kind):
        return "drop" if kind == "live" else None

    with pytest.raises(UserError, match="link to the band was lost.*bring it nearer"):
        checked(Wearer(Band(), fate=fate))


def test_a_chance_that_is_given_is_the_only_one(monkeypatch):
    def another():
        raise AssertionError("another one was made")

    given = random.Random(1)
    monkeypatch.setattr(session.random, "Random", another)
    with pytest.raises(UserError, match="holds no band's key"):
        asyncio.run(session.check(Wearer(Band()), {}, lambda *_: None, PLAN, chance=given))
    with pytest.raises(AssertionError, match="another one was made"):
        asyncio.run(session.check(Wearer(Band()), {}, lambda *_: None, PLAN))


def test_no_keys_and_no_band_are_said():
    radio = Wearer(Band())
    with pytest.raises(UserError, match="holds no band's key"):
        asyncio.run(session.check(radio, {}, lambda *_: None, PLAN))
    with pytest.raises(UserError, match="No band was found"):  # its radio is off
        asyncio.run(session.check(radio, KEYS, lambda *_: None, PLAN))


def test_rows_that_lie_nowhere_in_time_say_nothing():
    def nowhere(radio):
        radio.begin = lambda: None
        radio.log(wire.REC_SESSION, wire.SESSION_FIELDS, odr_mhz=RATE_HZ * 1000)
        radio.begun_ms = 0

    radio = Wearer(Band())
    radio.begin = lambda: nowhere(radio)
    with pytest.raises(UserError, match="did not tell where its rows lie in time"):
        checked(radio)


def test_a_row_is_placed_by_its_end_and_when_it_was_told():
    values = {"number": 3, "kind": wire.EVENT_LM, "flags": 0, "peak_mg": 250}
    values |= {"duration_samples": 50, "onset_sample": 0}
    events = session.Events()
    events.take(Recording("begins"), 0)
    events.take(Row(PROVISIONAL, values, None, 100.0, 1.0, late_s=1.5), 10_000)
    events.take(Row(FINAL, values | {"peak_mg": 260}, values, 100.0, 1.0, late_s=4.0), 12_500)
    (told,) = events.told.values()
    assert (told.onset_utc_ms, told.first_utc_ms, told.late_s) == (8000, 10_000, 1.5)
    assert told.peak_mg == 260 and events.recording and not events.ended
    events.take(Row(FINAL, values | {"number": None}, None, None), 13_000)
    assert events.unplaced == [13_000] and len(events.told) == 1


@pytest.mark.parametrize(
    ("untimed_ms", "refused"), [(9_999, False), (10_000, True), (15_000, True)]
)
def test_a_row_without_a_place_in_time_spoils_a_check_from_its_first_cue_on(
    monkeypatch, untimed_ms, refused
):
    values = {"number": None, "kind": wire.EVENT_LM, "flags": 0, "peak_mg": 250}

    async def following(radio, take, connected, *_):
        connected("x", {"state": 0, "device_id": DEVICE_ID, "firmware": b"0.1\0"})
        take(Row(FINAL, values, None, None), untimed_ms)
        await asyncio.Event().wait()

    async def moves(*_):
        return [10_000.0, 20_000.0], (30_000.0, 40_000.0), (5_000.4, 45_000.6)

    async def taken_off(what):
        assert what == link.WEARER_TAKE_OFF

    monkeypatch.setattr(session, "follow", following)
    monkeypatch.setattr(session, "_moves", moves)
    radio = SimpleNamespace(ask_wearer=taken_off, wearer_is_simulated=False)
    if refused:
        with pytest.raises(UserError, match="did not tell where its rows lie in time"):
            asyncio.run(session.check(radio, KEYS, lambda *_: None))
        return
    found = asyncio.run(session.check(radio, KEYS, lambda *_: None))
    assert (found["begun_utc_ms"], found["ended_utc_ms"], found["cues"]) == (5_000, 45_001, 2)
    assert (found["firmware"], found["wearer_simulated"]) == ("0.1", False)


def test_a_check_is_ten_movements_after_a_still_minute():
    plan = Plan()
    assert (plan.cues, plan.still_s, plan.settle_s, plan.last_s) == (10, 60.0, 10.0, 12.0)
    assert plan.put_on_s == 180.0  # three minutes to put it on
    assert GAP_S == (8.0, 12.0)  # between two cues


@pytest.mark.parametrize(
    ("joined", "still_s", "known_s", "settle_s"),
    [(False, 60, 125, 10), (True, 60, 125, 65), (True, 20, 125, 105), (True, 60, 65, 10)],
)
def test_each_step_is_as_long_as_it_is_told_to_be(monkeypatch, joined, still_s, known_s, settle_s):
    """Over an hour of made-up sleeps: what is said, and when the person is asked for what."""
    now, steps, slept, events = [0.0], [], [], session.Events(recording=joined)

    async def sleep(s):
        slept.append(s)
        now[0] += s

    async def utc_now_ms():
        return now[0] * 1000

    async def ask_wearer(what):
        steps.append((now[0], what))
        events.recording = True

    monkeypatch.setattr(session.asyncio, "sleep", sleep)
    radio = SimpleNamespace(ask_wearer=ask_wearer, utc_now_ms=utc_now_ms)
    plan = Plan(cues=3, still_s=still_s, known_s=known_s)
    chance = SimpleNamespace(uniform=lambda low, high: (low + high) / 2)
    monkeypatch.setattr(session, "GAP_S", GAP_S)
    say = lambda *step: steps.append((now[0], *step))  # noqa: E731
    cues, still, span = asyncio.run(session._moves(radio, events, say, plan, chance))
    from_s, to_s = settle_s, settle_s + still_s
    put_on = [] if joined else [(0, "put_on", 180.0), (0, link.WEARER_PUT_ON)]
    moves = [((to_s + 10 * n, "now", n), (to_s + 10 * n, link.WEARER_MOVE)) for n in (1, 2, 3)]
    assert steps == [
        *put_on,
        (0, "settle", settle_s),
        (from_s, "still", still_s),
        (to_s, "ready", 3),
        *[step for pair in moves for step in pair],
        (to_s + 30, "wait", 12.0),
    ]
    assert cues == [(to_s + 10 * n) * 1000 for n in (1, 2, 3)]
    assert still == (from_s * 1000, to_s * 1000) and span == (0, (to_s + 42) * 1000)


def test_a_check_left_to_itself_asks_irregularly_and_waits_for_no_wearer(monkeypatch):
    taken, waited = [], []

    async def following(radio, take, connected, keys, name, scan_timeout_s):
        taken.append(scan_timeout_s)
        connected("x", {"state": 0, "device_id": DEVICE_ID, "firmware": b"0.1\0"})
        await asyncio.Event().wait()

    async def moves(radio, events, say, plan, chance):
        taken.extend([plan, chance])
        return [10_000.0], (0.0, 1.0), (0.0, 2.0)

    async def wait_for(what, seconds):
        waited.append(seconds)
        await what

    async def nobody(what):
        raise TimeoutError

    monkeypatch.setattr(session, "follow", following)
    monkeypatch.setattr(session, "_moves", moves)
    monkeypatch.setattr(session.asyncio, "wait_for", wait_for)
    radio = SimpleNamespace(ask_wearer=nobody, wearer_is_simulated=True)
    said = []
    found = asyncio.run(session.check(radio, KEYS, lambda *step: said.append(step)))
    assert found["cues"] == 1 and said == [("connect", 40.0)]
    assert taken[:2] == [40.0, Plan()] and isinstance(taken[2], random.Random)
    assert waited == [5.0]
