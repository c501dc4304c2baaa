"""What a night costs does not grow with the store's age: steps of SQLite's machine, no clock."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store
from notturno_core import wire
from whole import whole_or

EVENING = 1_768_253_400_000
DAY_MS = 86_400_000
NIGHTS_A_BOOT = 40  # the band's ticks are 32 bits wide: 49 days
AGES = whole_or((50, 250), (40, 160))  # what grows with the age is four times as much
AT_A_TIME = 7  # nights of one sync, where nothing is measured: a week's


def steps_of(store, name, arguments):
    """Return the steps, in tens, that SQLite takes for a method of the store."""
    steps = 0

    def step():
        nonlocal steps
        steps += 1

    store._db.set_progress_handler(step, 10)
    found = getattr(store, name)(*arguments)
    if name == "frames":
        list(found)
    store._db.set_progress_handler(None, 0)
    return steps


def a_night(pen, number):
    pen.frames.clear()
    pen.boot_id, day = 1 + number // NIGHTS_A_BOOT, number % NIGHTS_A_BOOT
    pen.time(1000 + day * DAY_MS, EVENING + number * DAY_MS)
    kinds = (wire.EVENT_JERK, wire.EVENT_LM)
    pen.night(2000 + day * DAY_MS, 30, [(i + 0.5, {"kind": kinds[i % 2]}) for i in range(30)])
    end = pen.frames.pop()
    for i in range(30):
        head = {"number": i, "first_sample": 3000 * i, "samples": 200, "count": 200}
        pen.seq -= i == 0
        pen.put(wire.REC_SNIPPET, wire.pack(wire.SNIPPET_FIELDS, head))
    pen.put(wire.REC_END, end[wire.HEADER_LEN : -wire.CRC_LEN])


def note(found, store, asked):
    for name, arguments in asked.items():
        found.setdefault(name, []).append(steps_of(store, name, arguments))


@pytest.fixture(scope="module")
def costs(tmp_path_factory):
    """{what: steps at each of AGES}."""
    found, waiting = {}, []
    pen = Pen()
    with Store.open(tmp_path_factory.mktemp("old")) as store:
        store._db.execute("pragma synchronous = off")
        for number in range(max(AGES)):
            a_night(pen, number)
            sync = store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0")
            seq = pen.seq - len(pen.frames)
            asked = {
                "add": (sync, pen.frames),
                "next_seq": (DEVICE, LOG_ID),
                "count_records": (DEVICE,),
                "boot_id_before": (DEVICE, LOG_ID, 1 << 62),
                "last_anchor": (DEVICE, LOG_ID, pen.boot_id),
                "nights_since_seq": (DEVICE, LOG_ID, seq),
                "frames": (DEVICE, LOG_ID, seq, pen.seq),
                "begin_sync": (DEVICE, LOG_ID, "Europe/Rome", ""),
            }
            if number + 1 not in AGES:
                waiting += pen.frames
                if number % AT_A_TIME == 0 or number + 2 in AGES:
                    store.add(sync, waiting)
                    waiting = []
                continue
            note(found, store, asked)
            night = store.nights(last=1)[0]["night"]
            of_night = ("events", "minutes", "sessions", "gaps", "marks", "faults", "waveforms")
            note(found, store, {name: (night,) for name in of_night})
    return found


def test_an_old_stores_night_costs_what_a_young_ones_does(costs):
    young, old = costs["add"]
    assert young > 500  # the measure measures
    assert old <= 1.2 * young


def test_what_a_sync_and_a_night_ask_reads_no_whole_table(costs):
    for what, (young, old) in costs.items():
        assert old <= 1.2 * young + 10, what


def test_counts_are_those_of_the_records(tmp_path):
    pen = Pen()
    a_night(pen, 0)
    with Store.open(tmp_path) as store:
        assert store.count_records() == 0
        for _ in range(2):
            store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", ""), pen.frames)
        assert store.count_records() == store.count_records(DEVICE) == len(pen.frames)
        assert store.count_records("00") == 0
