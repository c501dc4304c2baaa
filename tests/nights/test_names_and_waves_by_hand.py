"""Local times, names of sleeps and waveforms at their bounds; each value by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from notturno.nights import calendar, sleeps, summary, waveform
from notturno.nights.sleeps import Part
from notturno_core import wire

ROME = "Europe/Rome"
H_MS, MIN_MS = 3_600_000, 60_000


def rome_ms(day, hour, minute=0):
    """UTC in ms of a time in Rome, in January 2026."""
    at = datetime(2026, 1, 1, hour, minute, tzinfo=ZoneInfo(ROME)).timestamp() * 1000
    return round(at) + (day - 1) * 24 * H_MS


# --- the calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hhmm", "near", "found"),
    [
        ("22:40", (12, 22, 30), (12, 22, 40)),
        ("00:15", (12, 22, 30), (13, 0, 15)),
        ("23:30", (13, 1, 0), (12, 23, 30)),
        ("10:29", (12, 22, 30), (13, 10, 29)),
        ("10:31", (12, 22, 30), (12, 10, 31)),
    ],
)
def test_a_time_of_day_lies_on_the_day_that_brings_it_nearest(hhmm, near, found):
    assert calendar.nearest_local_ms(hhmm, rome_ms(*near), ROME) == rome_ms(*found)


def test_a_time_of_day_is_told_to_the_minute_or_the_second_by_the_zones_clock():
    at = rome_ms(12, 23, 59) + 59_999
    assert calendar.clock_text(at, ROME) == "23:59"
    assert calendar.clock_text(at, ROME, "%H:%M:%S") == "23:59:59"
    assert calendar.clock_text(at + 1, ROME, "%H:%M:%S") == "00:00:00"
    assert calendar.clock_text(at, ROME, "%d %H") == "12 23"
    assert calendar.clock_text(at, "Asia/Kathmandu") == "04:44"  # 5:45 h ahead of UTC
    assert calendar.local_text(at, ROME) == "2026-01-12 23:59"


def offsets_of(zone):
    return lambda moment: moment.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        # Clocks change on New York's days, but two hours sooner.
        ("America/Havana", "America/Havana"),
        ("America/Detroit", "America/New_York"),
        # Summer time begins and ends a week or more from Europe's; told within a month.
        ("Asia/Beirut", "Asia/Beirut"),
        ("Europe/Rome", "Europe/Berlin"),
    ],
)
def test_a_zone_is_known_by_the_day_and_the_hour_at_which_its_clocks_change(zone, name):
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert calendar._zone_like(offsets_of(zone), now) == name


def test_the_moment_of_a_change_is_found_to_the_second():
    before, after = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (28, 30))
    told = calendar._around(before, after, offsets_of(ROME))
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert told[0] < change <= told[1] and (told[1] - told[0]).total_seconds() <= 1


# --- sleeps --------------------------------------------------------------------------------------


def part(day, begin_h, hours, quiet_min=0, minute=0):
    start = rome_ms(day, 0) + round(begin_h * H_MS) + minute * MIN_MS
    return Part((day, begin_h), start, start + round(hours * H_MS), ROME, quiet_min=quiet_min)


def named(*parts, before=None):
    found = sleeps.sleeps_of(parts, before)
    return [(one.night, one.of_night, one.kind) for one in found]


@pytest.mark.parametrize(
    ("middle_h", "hours", "night"),
    [
        (17.99, 4, "2026-01-11"),  # evenings begin at six
        (18, 4, "2026-01-12"),
        (41.99, 4, "2026-01-12"),
        (8.99, 2, "2026-01-11"),  # a short sleep before nine is of the evening before
        (9, 2, "2026-01-12"),
        (20.99, 2, "2026-01-12"),
        (21, 2, "2026-01-12"),
        (9, 3, "2026-01-11"),  # three hours are no nap
        (9, 2.99, "2026-01-12"),
    ],
)
def test_a_sleep_is_named_by_its_middle(middle_h, hours, night):
    assert named(part(12, middle_h - hours / 2, hours))[0][0] == night


@pytest.mark.parametrize(
    ("middle_h", "last", "night"),
    [
        (12, "2026-01-11", "2026-01-12"),
        (11.99, "2026-01-11", "2026-01-11"),
        (17.99, "2026-01-11", "2026-01-12"),
        (17.99, "2026-01-10", "2026-01-11"),
        (18, "2026-01-10", "2026-01-11"),
        (20.99, "2026-01-10", "2026-01-11"),
        (21, "2026-01-10", "2026-01-12"),
        (18, "2026-01-11", "2026-01-12"),
    ],
)
def test_from_noon_to_nine_a_date_follows_the_sleep_before(middle_h, last, night):
    one = part(12, middle_h - 4, 8)
    assert named(one, before=(last, one.start_ms - 10 * H_MS))[0][0] == night


@pytest.mark.parametrize(("since_h", "night"), [(71.99, "2026-01-12"), (72, "2026-01-11")])
def test_a_sleep_three_days_ago_has_no_say(since_h, night):
    one = part(12, 9, 8)
    before = ("2026-01-11", one.start_ms - round(since_h * H_MS))
    assert named(one, before=before)[0][0] == night


@pytest.mark.parametrize(
    ("hours", "pause_min", "groups"),
    [
        (10, 0, 1),  # 20 h are as long as a sleep may be
        (10.01, 0, 1),  # no pause at which it could be parted
        (10, 10, 2),
        (9.9, 10, 1),
        (11, 9, 2),
    ],
)
def test_more_than_20_hours_are_parted_at_their_pauses(hours, pause_min, groups):
    first = part(12, 0, hours)
    second = Part("b", first.end_ms + pause_min * MIN_MS, first.end_ms + round(hours * H_MS), ROME)
    second = Part("b", second.start_ms, second.start_ms + round(hours * H_MS), ROME)
    assert len(sleeps.joined([first, second])) == (groups if pause_min or hours <= 10 else 2)


def test_a_long_row_is_parted_at_its_longest_pauses_first():
    """Three recordings of eight hours: pauses of 100 and of 50 minutes."""
    one = part(12, 0, 8)
    two = Part("b", one.end_ms + 100 * MIN_MS, one.end_ms + 100 * MIN_MS + 8 * H_MS, ROME)
    three = Part("c", two.end_ms + 50 * MIN_MS, two.end_ms + 50 * MIN_MS + 8 * H_MS, ROME)
    found = [[p.key for p in group] for group in sleeps.joined([three, one, two])]
    assert found == [[(12, 0)], ["b", "c"]]
    assert sleeps.SHORTER_JOINS_MS == (90 * MIN_MS, 45 * MIN_MS, 10 * MIN_MS, 0)


def test_of_a_date_the_quietest_is_the_night_else_the_longest_else_the_first():
    day = "2026-01-12"
    long, quiet = part(12, 18, 4, quiet_min=10), part(12, 26, 3.5, quiet_min=11)
    assert [kind for *_, kind in named(long, quiet)] == ["nap", "night"]
    assert named(part(12, 18, 4), part(12, 26, 3.5))[1] == (f"{day}-nap1", day, "nap")
    assert [kind for *_, kind in named(part(12, 18, 4), part(12, 26, 4))] == ["night", "nap"]
    naps = named(part(12, 10, 1), part(12, 14.5, 1), part(12, 20, 8))
    assert naps == [(f"{day}-nap1", day, "nap"), (f"{day}-nap2", day, "nap"), (day, day, "night")]
    # Where no night of its day follows, a nap goes with the one before.
    assert named(part(11, 22, 8), part(12, 14, 1))[1] == ("2026-01-11-nap1", "2026-01-11", "nap")


def test_recordings_without_a_clock_are_numbered_within_their_start():
    def tick(boot, begin_h, log=0):
        return Part((boot, begin_h), begin_h * H_MS, (begin_h + 1) * H_MS, None, boot, log)

    found = named(tick("2", 0), tick("1", 0), tick("1", 5), tick("1", 0, 7))
    assert [night for night, *_ in found] == [
        "undated-1", "undated-1-2", "undated-1-3", "undated-2",
    ]  # fmt: skip


# --- waveforms -----------------------------------------------------------------------------------


def rice(*fields):
    """Return bits of (number, how many bits), whole bytes of them."""
    bits = "".join(f"{number:0{n}b}" if n else "" for number, n in fields)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def snippet(samples, offset, count, data, first_sample=100, coding=wire.CODING_RICE):
    head = {"number": 3, "first_sample": first_sample, "samples": samples, "offset": offset}
    head |= {"count": count, "why": 1, "coding": coding}
    return wire.pack(wire.SNIPPET_FIELDS, head) + data


FIRST = b"\x0a\x00\xec\xff\x00\x80"  # 10, -20, -32768, as three words
# Two more samples: x by first differences and k 0, +1 and -1 (folded 2 and 1); y by second ones
# and k 2, +5 (folded 10: two and two bits) and 0; z by first ones, k 0, -1 over the edge and 0.
CODED = rice(
    *((0, 1), (0, 4), (1, 3), (1, 2)),
    *((1, 1), (2, 4), (1, 3), (2, 2), (1, 1), (0, 2)),
    *((0, 1), (0, 4), (1, 2), (1, 1)),
)


def test_differences_are_added_up_by_axis_and_go_round_at_16_bits():
    head, samples = waveform.decode(snippet(3, 0, 3, FIRST + CODED))
    assert (head["number"], head["first_sample"], head["count"]) == (3, 100, 3)
    assert samples == [(10, -20, -32768), (11, -15, 32767), (10, -10, 32767)]


def test_a_part_lies_where_it_says_and_a_lost_one_is_nothing():
    wave = waveform.join([snippet(5, 2, 3, FIRST + CODED)], 50.0, 122)
    assert wave.counts == [None, None, (10, -20, -32768), (11, -15, 32767), (10, -10, 32767)]
    assert (wave.first_sample, wave.lost()) == (100, 2)
    assert wave.samples_mg()[:3] == [None, None, [1.22, -2.44, -3997.696]]
    curves = wave.curves_mg()
    assert curves["x"] == [None, None, 1.22, 1.342, 1.22] and curves["y"][4] == -1.22
    assert curves["norm"][0] is None and curves["norm"][2] == pytest.approx(3997.697, abs=1e-3)
    assert wave.times_s(101) == [-0.02, 0.0, 0.02, 0.04, 0.06]


@pytest.mark.parametrize(
    ("samples", "offset", "count", "whole"),
    [(1, 0, 1, True), (5, 4, 1, True), (5, 5, 1, False), (5, 0, 0, False), (0, 0, 1, False)],
)
def test_a_part_lies_within_its_whole(samples, offset, count, whole):
    payload = snippet(samples, offset, count, FIRST)
    if whole:
        assert waveform.decode(payload)[1] == [(10, -20, -32768)]
    else:
        with pytest.raises(wire.WireError, match="empty, or reaches beyond"):
            waveform.decode(payload)


def test_bits_that_end_too_early_or_are_of_another_coding_are_none():
    for data in (FIRST[:-1], FIRST, FIRST + CODED[:-2]):
        with pytest.raises(wire.WireError, match="end too early"):
            waveform.decode(snippet(3, 0, 3, data))
    with pytest.raises(wire.WireError, match="coding 2"):
        waveform.decode(snippet(3, 0, 3, FIRST + CODED, coding=2))
    with pytest.raises(wire.WireError, match="without a record"):
        waveform.join([], 50.0, 122)
    kept = waveform.join([snippet(3, 0, 3, FIRST), snippet(3, 2, 1, FIRST)], 50.0, 122)
    assert kept.counts == [None, None, (10, -20, -32768)]


@pytest.mark.parametrize(
    ("onset", "lasts", "shares"),
    [(0, 99, False), (0, 100, True), (90, 10, True), (149, 5, True), (150, 5, False)],
)
def test_an_event_and_its_snippet_share_a_sample(onset, lasts, shares):
    event = {"onset_sample": onset, "duration_samples": lasts, "number": 1}
    kept = {"first_sample": 100, "samples": 50, "number": 1}
    whose = {"device_id": "a", "log_id": 1, "session_seq": 2}
    found = waveform.by_event([event | whose], [kept | whose])
    assert found == ([kept | whose] if shares else [None])
    assert waveform.by_event([event | whose], [kept | whose | {"log_id": 2}]) == [None]


# --- who made it ---------------------------------------------------------------------------------


def test_one_maker_is_told_as_it_is_and_several_as_one_text():
    assert summary.made_by([3, 3]) == 3 and summary.made_by(["b", "a", "b"]) == "a and b"
    assert summary.made_by([10, 9]) == "10 and 9"  # as text
    assert summary.makers_in([3, "2 and 3", "band", 2]) == ["2", 3, "band"]
    assert summary.makers_in(["land", 4]) == [4, "land"]
