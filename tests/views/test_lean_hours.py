"""The hours of months of nights read little of each night, and are those of the whole night."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.nights.axis import night_axis
from notturno.store import Store, queries
from notturno.views.many import hours_of_night
from notturno.views.night import clock_hours
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
MINUTES = 300
OFF = (*range(60, 75), 100, 140, 141)  # minutes in which the band was not worn
LOST = (139, 200, 201)  # minutes whose records did not come
SAMPLES = 6240


def a_night():
    """Return frames of a night with all that takes time off it."""
    pen = Pen()
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.segment(0, 2000)
    for minute in range(1, MINUTES + 1):
        at = minute * SAMPLES
        if minute % 6 == 0:
            kind = wire.EVENT_LM if minute % 18 == 0 else wire.EVENT_JERK
            pen.event(at - 3000, kind=kind, duration_samples=200 if minute % 18 == 0 else 20)
        if minute == 180:
            pen.event(at, kind=wire.EVENT_AWAKE, duration_samples=9 * SAMPLES)
        if minute == 250:
            pen.event(at, kind=wire.EVENT_NOT_WORN, duration_samples=4 * SAMPLES)
        if minute not in LOST:
            flags = wire.MINUTE_NOT_WORN if minute in OFF else 0
            pen.minute(at, 2000 + minute * 60_000, flags=flags)
    pen.end(MINUTES * SAMPLES, 2000 + MINUTES * 60_000)
    return pen.frames


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("one")) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", ""), a_night())
        yield store


@pytest.fixture
def read(monkeypatch):
    """Return the counts of rows that the store read as events and as minutes."""
    found = {"events": 0, "minutes": 0, "minutes_about": 0}

    def watched(name, real):
        def asked(*given):
            rows = real(*given)
            found[name] += len(rows)
            return rows

        return asked

    for name in found:
        monkeypatch.setattr(queries, name, watched(name, getattr(queries, name)))
    return found


@pytest.mark.parametrize("kind", ["jerk", "lm"])
def test_the_hours_are_those_of_the_whole_night(store, kind):
    (row,) = store.nights()
    sessions, lists, bed, _ = store.night_inputs(row["night"], DEVICE)
    axis = night_axis(lists["events"], lists["minutes"], sessions, lists["gaps"], bed)
    assert axis.not_worn and axis.awake and axis.counted(kind)
    lean = store.night_on_axis_of(row["night"], DEVICE, kind)
    assert (lean.countable, lean.not_worn, lean.awake) == (
        *(axis.countable, axis.not_worn, axis.awake),
    )
    assert hours_of_night(store, row, kind) == clock_hours(axis, row["zone"], kind)


def test_a_minute_not_worn_begins_where_the_one_before_it_ended(store):
    (row,) = store.nights()
    lean = store.night_on_axis_of(row["night"], DEVICE, "jerk")
    lengths = [round((end - start) / 60_000_000, 2) for start, end in lean.not_worn]
    assert lengths == [15, 1, 2, 4]  # the 140th lacks the one before it: a minute long


def test_few_rows_are_read(store, read):
    (row,) = store.nights()
    assert hours_of_night(store, row)
    jerks = sum(minute % 6 == 0 and minute % 18 != 0 for minute in range(1, MINUTES + 1))
    before = 3  # the nearest one before each run
    assert read == {"events": jerks + 2, "minutes": 0, "minutes_about": len(OFF) + before}


def test_a_picture_judges_nothing_and_makes_no_clock_again(store, read, monkeypatch):
    from notturno.store import night_inputs
    from notturno.views.night import night_view

    def never(*given):
        raise AssertionError("nobody asked for it")

    for name in ("state_of_parts", "boot_clock", "sample_clock"):
        monkeypatch.setattr(night_inputs, name, never)
    (row,) = store.nights()
    (band,) = night_view(store, row["night"])["bands"]
    assert len(band["minutes"]) == MINUTES - len(LOST) == read["minutes"]
    assert len(band["events"]) == MINUTES // 6 + 2 == read["events"]
