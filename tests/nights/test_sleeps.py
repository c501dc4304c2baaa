"""Which recordings are one sleep, which sleep is the night, and what it is called."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.nights.sleeps import AFTER_THE_LAST, BY_DAY, BY_EVENING, Part, joined, sleeps_of

ROME = "Europe/Rome"
H_MS = 3_600_000


def at(text, zone=ROME):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def part(start, hours, zone=ROME, quiet_min=None, key=None):
    begin = at(start, zone)
    quiet = round(hours * 60) if quiet_min is None else quiet_min
    return Part(key or start, begin, begin + round(hours * H_MS), zone, quiet_min=quiet)


def told(*parts):
    return [(sleep.night, sleep.kind, len(sleep.parts)) for sleep in sleeps_of(parts)]


@pytest.mark.parametrize(("pause_h", "sleeps"), [(2.99, 1), (3.0, 2)])
def test_a_pause_of_three_hours_ends_a_sleep(pause_h, sleeps):
    first = part("2026-01-12 22:00", 2)
    second = Part("b", first.end_ms + round(pause_h * H_MS), first.end_ms + 8 * H_MS, ROME)
    assert len(sleeps_of([second, first])) == sleeps


def test_a_sleep_across_noon_is_one():
    assert told(part("2026-03-10 04:00", 8.08), part("2026-03-10 12:15", 1.75)) == [
        ("2026-03-09", "night", 2)
    ]


def test_a_nap_costs_the_night_nothing_and_goes_with_it():
    nap, night = part("2026-03-10 14:00", 0.75), part("2026-03-10 22:45", 8)
    assert told(nap, night) == [("2026-03-10-nap1", "nap", 1), ("2026-03-10", "night", 1)]
    before = part("2026-03-09 22:45", 8)
    assert told(before, nap, night) == [
        ("2026-03-09", "night", 1),
        ("2026-03-10-nap1", "nap", 1),
        ("2026-03-10", "night", 1),
    ]


def test_a_nap_goes_with_the_night_before_where_none_follows_and_alone_it_is_a_night():
    nap, second = part("2026-03-10 14:00", 0.75), part("2026-03-10 18:00", 0.5)
    assert told(nap) == [("2026-03-10", "night", 1)]
    assert told(nap, second) == [("2026-03-10", "night", 1), ("2026-03-10-nap1", "nap", 1)]
    assert told(part("2026-03-09 22:45", 8), nap, second) == [
        ("2026-03-09", "night", 1),
        ("2026-03-09-nap1", "nap", 1),
        ("2026-03-09-nap2", "nap", 1),
    ]


@pytest.mark.parametrize(
    ("start", "hours", "kind"),
    [
        ("2026-03-10 08:00", 1.9, "night"),  # its middle a little before nine: an early morning
        ("2026-03-10 08:10", 1.9, "nap"),
        ("2026-03-10 20:00", 1.9, "nap"),
        ("2026-03-10 20:10", 1.9, "night"),
        ("2026-03-10 12:00", 2.99, "nap"),
        ("2026-03-10 12:00", 3.0, "night"),
    ],
)
def test_a_nap_is_short_and_by_day(start, hours, kind):
    main = part("2026-03-11 02:00", 7)
    found = sleeps_of([part(start, hours), main])
    assert (found[0].name_rule == BY_DAY) == (kind == "nap")
    assert found[1].kind == "night"


@pytest.mark.parametrize(
    ("start", "hours", "name"),
    [
        ("2026-01-12 22:30", 8, "2026-01-12"),
        ("2026-01-13 01:30", 7, "2026-01-12"),
        ("2026-01-13 08:00", 8, "2026-01-12"),  # the day sleep after the night shift of the 12th
        ("2026-01-13 17:00", 8, "2026-01-13"),
        ("2026-01-12 13:59", 8, "2026-01-11"),  # its middle lies a minute before six
        ("2026-01-12 14:00", 8, "2026-01-12"),
        ("2026-03-28 22:30", 8, "2026-03-28"),  # clocks go forward in it
        ("2026-10-24 22:30", 9, "2026-10-24"),  # and back
    ],
)
def test_a_sleep_is_named_by_the_evening_before_its_middle(start, hours, name):
    (sleep,) = sleeps_of([part(start, hours)])
    assert (sleep.night, sleep.date, sleep.name_rule) == (name, name, BY_EVENING)


def test_two_day_sleeps_in_a_row_have_names_in_a_row():
    first, second = sleeps_of([part("2026-03-10 11:30", 6.5), part("2026-03-11 12:30", 6.5)])
    assert (date.fromisoformat(second.date) - date.fromisoformat(first.date)).days == 1


def test_a_middle_between_noon_and_nine_follows_the_sleep_before_and_says_so():
    days = sleeps_of([part("2026-03-10 13:00", 8), part("2026-03-11 14:30", 8)])
    assert [sleep.date for sleep in days] == ["2026-03-09", "2026-03-10"]
    assert days[1].name_rule == AFTER_THE_LAST  # by its middle alone it would be the 11th


def test_a_short_sleep_has_no_say_in_the_names_of_others():
    nap = part("2026-03-10 15:00", 1.5)
    assert [s.date for s in sleeps_of([nap, part("2026-03-11 14:30", 8)])] == [
        "2026-03-10",
        "2026-03-11",
    ]


@pytest.mark.parametrize(
    ("first", "second", "dates"),
    [
        # After a short first night: its middle at 11:59 is of the same evening, at noon the next.
        (("2026-03-09 22:30", 3.5), ("2026-03-10 07:59", 8), ["2026-03-09", "2026-03-09"]),
        (("2026-03-09 22:30", 3.5), ("2026-03-10 08:00", 8), ["2026-03-09", "2026-03-10"]),
        # After a night with nothing recorded the day after it: before nine it follows, then not.
        (("2026-03-09 23:00", 8), ("2026-03-11 16:59", 7.99), ["2026-03-09", "2026-03-10"]),
        (("2026-03-09 23:00", 8), ("2026-03-11 17:00", 8), ["2026-03-09", "2026-03-11"]),
    ],
)
def test_the_neighbouring_date_is_taken_from_noon_to_nine(first, second, dates):
    assert [sleep.date for sleep in sleeps_of([part(*first), part(*second)])] == dates


@pytest.mark.parametrize(("last_h", "sleeps"), [(10.0, 1), (10.01, 2)])
def test_a_row_of_recordings_longer_than_20_hours_is_parted_at_its_longest_pause(last_h, sleeps):
    first = part("2026-03-09 20:00", 8)
    second = part("2026-03-10 04:30", 0.5)  # half an hour behind the first
    third = Part("c", second.end_ms + H_MS, second.end_ms + round((1 + last_h) * H_MS), ROME)
    found = sleeps_of([first, second, third])
    assert [len(sleep.parts) for sleep in found] == ([3] if sleeps == 1 else [2, 1])


SHIFTS = {"early": (-3, 7.5), "late": (1.5, 8.0), "night": (8.5, 7.0), "free": (-1, 9.0)}


@pytest.mark.parametrize("zone", [ROME, "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("first", SHIFTS)
def test_a_year_of_rotating_shifts_has_a_name_a_day(zone, first):
    order = list(SHIFTS)
    order = order[order.index(first) :] + order[: order.index(first)]
    parts = []
    for day in range(365):
        shift_h, hours = SHIFTS[order[day // 7 % len(order)]]
        wobble_min = (day * 37) % 50 - 25
        midnight = datetime(2026, 1, 2) + timedelta(days=day)
        start = midnight + timedelta(hours=shift_h, minutes=wobble_min)
        parts.append(part(start.isoformat(), hours, zone))
    found = sleeps_of(parts)
    assert len(found) == 365 and {sleep.kind for sleep in found} == {"night"}
    names = [date.fromisoformat(sleep.date) for sleep in found]
    assert [(b - a).days for a, b in zip(names, names[1:], strict=False)] == [1] * 364


def test_a_band_worn_day_and_night_is_parted_at_its_docks_and_the_quiet_part_is_the_night():
    parts = []
    for day in range(10, 14):
        parts.append(part(f"2026-03-{day} 07:45", 14.5, quiet_min=60))
        parts.append(part(f"2026-03-{day} 22:45", 8.5, quiet_min=480))
    found = sleeps_of(parts)
    nights = [s for s in found if s.kind == "night"]
    assert [s.night for s in nights[:4]] == [f"2026-03-{d:02d}" for d in (9, 10, 11, 12)]
    assert all(s.quiet_min == 480 for s in nights[1:])


def test_recordings_of_an_unknown_clock_are_grouped_by_the_start_of_the_band():
    rows = [
        Part("a", 0, 8 * H_MS, None, boot="7"),
        Part("b", 9 * H_MS, 10 * H_MS, None, boot="7"),
        Part("c", 30 * H_MS, 38 * H_MS, None, boot="7"),
        Part("d", 0, H_MS, None, boot="8"),
    ]
    assert told(*rows) == [
        ("undated-7", "night", 2),
        ("undated-7-2", "night", 1),
        ("undated-8", "night", 1),
    ]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 30)), min_size=1, max_size=25),
    order=st.randoms(use_true_random=False),
    cut=st.integers(0, 25),
)
def test_order_changes_nothing_and_the_later_ones_need_only_the_last_before(steps, order, cut):
    parts, now = [], at("2026-03-01 20:00")
    for pause, length in steps:  # in half hours
        now += pause * H_MS // 2
        parts.append(Part(len(parts), now, now + length * H_MS // 2, ROME, quiet_min=length))
        now += length * H_MS // 2
    whole = sleeps_of(parts)
    shuffled = parts[:]
    order.shuffle(shuffled)
    assert sleeps_of(shuffled) == whole
    assert sorted(p.key for s in whole for p in s.parts) == list(range(len(parts)))
    assert len({s.night for s in whole}) == len(whole)
    groups = joined(parts)
    if 0 < cut < len(groups):
        before = [s for s in whole if s.start_ms < groups[cut][0].start_ms]
        long = [s for s in before if s.end_ms - s.start_ms >= 3 * H_MS]
        last = (long[-1].date, long[-1].end_ms) if long else None
        rest = [p for group in groups[cut:] for p in group]
        later = sleeps_of(rest, last)
        first = next((i for i, s in enumerate(later) if s.name_rule != BY_DAY), len(later))
        assert [s.date for s in later[first:]] == [s.date for s in whole[len(before) + first :]]
