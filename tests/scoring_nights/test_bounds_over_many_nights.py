"""Nights over many nights, at their bounds: what a night is, what a list may say, what is told."""

import math

import pytest
from night_rows import night_row
from notturno import refusals
from notturno.errors import UserError
from notturno.refusals import is_refusal
from notturno.scoring.manynights import figures, makers, night_lists, phases, trends, usable
from notturno.scoring.manynights.levels import NightCount, NightValue, from_level, typical

REFUSED = {"refused": "It is running.", "code": "not_complete"}


def nights(*counts, hours=8.0):
    return [NightCount(f"n{day}", day, count, hours) for day, count in enumerate(counts)]


# --- levels --------------------------------------------------------------------------------------


def test_a_rate_has_half_an_event_in_eight_hours_added_to_it():
    (night,) = nights(4)
    assert night.figure == 0.5
    assert night.level == pytest.approx(math.log(0.5 + 0.0625))
    assert night.counting_variance == pytest.approx(1 / 4.5)
    assert nights(0)[0].level == nights(0, hours=4.0)[0].level == pytest.approx(math.log(1 / 16))
    assert nights(0)[0].counting_variance == 2.0


def test_a_typical_night_is_the_geometric_mean_of_rates_and_the_mean_of_values():
    assert typical(nights(0, 7.5 * 1)) == pytest.approx(math.sqrt(1 / 16 * 1))
    assert typical([NightValue("a", 0, 2.0), NightValue("b", 1, 5.0)]) == 3.5
    assert NightValue("a", 0, 2.0).counting_variance == 0.0
    assert from_level(-800.0, False) == -800.0 and from_level(-800.0, True) == 0.0
    assert from_level(5000.0, True) == pytest.approx(math.exp(700)) and from_level(900.0, 0) == 900


# --- which nights --------------------------------------------------------------------------------

SPANS = [
    {"name": "dose", "first_night": "2026-01-03", "last_night": "2026-01-05"},
    {"name": "dose", "first_night": "2026-01-08", "last_night": "2026-01-08"},
    {"name": "free", "first_night": "2026-01-10", "last_night": None},
]


def test_a_span_holds_both_its_ends_and_a_night_without_a_date_is_in_none():
    held = [d + 1 for d in range(12) if usable.in_tag(SPANS, "dose", night_row(d, 1))]
    assert held == [3, 4, 5, 8]
    held = [d + 1 for d in range(12) if usable.in_tag(SPANS, "free", night_row(d, 1))]
    assert held == [10, 11, 12]
    assert not usable.in_tag(SPANS, "free", night_row(0, 1, date=None))
    assert usable.phase_names(SPANS) == ["dose", "free"]


def test_before_and_after_lie_outside_all_spans_and_hold_no_night_without_a_date():
    rows = [night_row(d, 1) for d in range(10)] + [night_row(11, 1, date=None, night="undated")]
    before, dose = usable.two_phases(rows, SPANS, "before", "dose")
    assert [row["night"][-2:] for row in before] == ["01", "02"]
    assert [row["night"][-2:] for row in dose] == ["03", "04", "05", "08"]
    dose, after = usable.two_phases(rows, SPANS[:2], "dose", "after")
    assert [row["night"][-2:] for row in after] == ["09", "10"] and len(dose) == 4


def test_a_phase_that_nobody_named_is_refused_and_said():
    with pytest.raises(UserError, match="no phase is named yet"):
        usable.two_phases([], [], "before", "dose")
    with pytest.raises(UserError, match="no phase after or before; the phases are: dose, free"):
        usable.two_phases([], SPANS, "after", "before")
    with pytest.raises(UserError, match="no phase x"):
        usable.two_phases([], SPANS, "dose", "x")


@pytest.mark.parametrize(("n", "says"), [(0, "0 usable nights;"), (1, "1 usable night;")])
def test_too_few_nights_are_counted(n, says):
    refusal = usable.too_few_nights(n)
    assert refusal.reason == f"{says} this needs 3."
    assert refusal.code == refusals.TOO_FEW_NIGHTS


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"jerks": None}, "It gives no figure of: single jerks"),
        ({"countable_h": None}, "It gives no figure of: countable"),
        ({"countable_h": 0.0}, "It has no countable time"),
    ],
)
def test_a_night_without_its_count_or_its_hours_is_no_rate(values, words):
    (reason,) = usable.usable([night_row(0, 5) | values], "jerks_per_h")[1].values()
    assert words in reason.reason
    (night,) = usable.usable([night_row(0, 5, countable_h=0.01)], "jerks_per_h")[0]
    assert night.hours == 0.01


# --- what is told of them ------------------------------------------------------------------------


def test_the_head_of_some_nights_by_hand():
    rows = [
        night_row(2, 5, hours=3.9),
        night_row(0, 5, hours=4.0, simulated=True),
        night_row(1, 5, refusal=REFUSED, hours=1.0),
        night_row(3, 5, date=None, night="undated-1", hours=2.0),
    ]
    found = figures.of_band(rows, measures=("jerks_per_h",), changes=False)
    assert (found["nights"], found["usable_nights"], found["simulated"]) == (4, 2, True)
    assert (found["first_night"], found["last_night"]) == ("2026-01-01", "2026-01-03")
    assert sorted(found["left_out"]) == ["2026-01-02", "undated-1"]
    assert found["short_nights"] == ["2026-01-03"] and found["short_h"] == 4
    assert found["countable_h"] == pytest.approx(7.9)
    assert "change_points" not in found["measures"]["jerks_per_h"]
    none = figures.compare_band(([], rows), ("jerks_per_h",))["phases"][0]
    assert (none["device_id"], none["first_night"], none["last_night"]) == (None, None, None)


def test_nights_of_months_are_those_of_their_dates():
    rows = [night_row(d, 5) for d in (0, 30, 31, 32)] + [night_row(9, 5, date=None, night="u")]
    groups = figures.of_band(rows, by="month", measures=("jerks_per_h",), changes=False)["groups"]
    assert [(g["name"], g["nights"]) for g in groups] == [("2026-01", 2), ("2026-02", 2)]


def test_phases_alone_are_held_against_the_first_one():
    rows = [night_row(d, 5 + d) for d in range(12)]
    told = {}
    for by in ("tag", "phase"):
        groups = figures.of_band(rows, SPANS, by, ("jerks_per_h",), False)["groups"]
        told[by] = [g["measures"]["jerks_per_h"].get("against_first") for g in groups]
    assert told["tag"] == [None, None] and told["phase"][0] is None
    assert told["phase"][1]["nights"] == [4, 3] and told["phase"][1]["ratio"] > 1
    shared = [*SPANS[:1], SPANS[0] | {"name": "other"}]
    groups = figures.of_band(rows, shared, "phase", ("jerks_per_h",), False)["groups"]
    against = groups[1]["measures"]["jerks_per_h"]["against_first"]
    assert against["ratio"].code == refusals.SHARED_NIGHTS


def test_two_phases_tell_what_each_measure_leaves_out_of_either():
    first = [night_row(d, 5 + d) for d in range(4)] + [night_row(4, 5) | {"jerks": None}]
    second = [night_row(10 + d, 9 + d) for d in range(3)] + [night_row(14, 5) | {"jerks": None}]
    second.append(night_row(15, 5, refusal=REFUSED))
    found = figures.compare_band((first, second), ("jerks_per_h",))["measures"]["jerks_per_h"]
    assert (found["usable_nights"], found["nights"], found["unit"]) == (7, [4, 3], "1/h")
    assert sorted(found["left_out"]) == ["2026-01-05", "2026-01-15"]
    assert found["events"] == [5 + 6 + 7 + 8, 9 + 10 + 11] and found["hours"] == [32.0, 24.0]


def test_a_band_whose_every_night_is_left_out_has_no_typical_one():
    rows = [night_row(0, 5, refusal=REFUSED)]
    found = figures.of_band(rows, measures=("jerks_per_h",))["measures"]["jerks_per_h"]
    assert found["typical"].reason == "0 usable nights; a typical night needs 1."
    assert is_refusal(found["variability"]) and is_refusal(found["trend"]["p"])
    one = figures.of_band([night_row(0, 5)], measures=("jerks_per_h",))["measures"]["jerks_per_h"]
    assert one["typical"] == pytest.approx(5 / 8 + 1 / 16)


@pytest.mark.parametrize(("count", "warned"), [(1, False), (0, True)])
def test_less_than_an_event_a_night_in_both_phases_is_warned_of(count, warned):
    few, none = nights(1, 1, count), nights(0, 0, 1)
    for found in (phases.compare(few, none), phases.compare(none, few)):
        assert ("less than one event a night" in str(found["caveat"])) is warned
    assert "less than one" not in str(phases.compare(nights(0, 0, 1), nights(0, 3, 1))["caveat"])
    values = [NightValue("v", day, 0.1 * day) for day in range(3)]
    assert "less than one" not in str(phases.compare(values, values)["caveat"])


def test_the_smallest_change_of_a_rate_is_a_ratio_below_one_and_of_a_value_a_difference():
    """Of 20 events an hour the chance of counting alone leaves a few per cent to be seen."""
    rates = phases.compare(nights(160, 170, 150, 165), nights(155, 160, 172, 149))
    assert 0.5 < rates["smallest_change"] < 0.99
    values = [NightValue("v", day, 5 + 0.1 * (day % 3)) for day in range(8)]
    told = phases.compare(values[:4], values[4:])
    assert 0.05 < told["smallest_change"] < 1
    assert told["difference"] == pytest.approx(sum(v.value for v in values[4:]) / 4 - 5.075)


@pytest.mark.parametrize(
    ("low", "high", "direction"),
    [(0.1, 2, trends.RISING), (-2, -0.1, trends.FALLING), (0, 1, trends.UNCLEAR)]
    + [(-1, 0, trends.UNCLEAR), (-1, 1, trends.UNCLEAR)],
)
def test_a_trend_has_a_direction_where_its_interval_leaves_nothing_out(low, high, direction):
    assert trends._direction(low, high) == direction
    assert len({trends.RISING, trends.FALLING, trends.UNCLEAR}) == 3


def test_a_slope_a_day_is_told_a_week():
    assert trends._a_week(0.5, False) == 3.5
    assert trends._a_week(math.log(2) / 7, True) == pytest.approx(100)  # doubled: + 100 %
    assert trends._a_week(1000.0, True) == pytest.approx(100 * math.expm1(50))


def test_the_spread_of_nights_by_hand():
    found = trends.variability(nights(8, 16, 24, 32))
    assert (found["nights"], found["median"], found["range"]) == (4, 2.5, [1, 4])
    assert found["quartiles"] == [1.75, 3.25]
    assert found["coefficient_of_variation"] == pytest.approx(math.sqrt(5 / 3) / 2.5)
    # Twenty due each: (144 + 16 + 16 + 144) / 20 over three.
    assert found["times_more_than_chance"] == pytest.approx(16 / 3)
    none = trends.variability(nights(0, 0, 0))
    assert is_refusal(none["coefficient_of_variation"])
    assert none["times_more_than_chance"].code == refusals.TOO_FEW_MOVEMENTS
    assert is_refusal(trends.variability(nights(1, 2)))


# --- what made them ------------------------------------------------------------------------------


@pytest.mark.parametrize(("changes", "more"), [(4, None), (5, "more changes: 1")])
def test_four_makers_are_named_and_more_are_counted(changes, more):
    rows = [night_row(d, 5, detector_version=d) for d in range(changes)]
    said = makers.different_makers(rows).reason
    assert said.count("detector ") == 4 and ("more changes" in said) is (more is not None)
    assert more is None or more in said


def test_a_maker_is_named_by_its_first_eight_signs_or_as_unknown():
    rows = [night_row(0, 5), night_row(1, 5, settings_sha256="0123456789", limb="")]
    said = makers.different_makers(rows).reason
    assert "settings abababab, limb calf 2026-01-01; settings 01234567, limb unknown" in said


# --- a list from elsewhere -----------------------------------------------------------------------


def listed(*lines):
    return night_lists.read_nights("night,events,hours\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("1,0,24", None),
        ("1,1,0.001", None),
        ("1,1e2,8", None),
        ("1,1,24.001", "above 0 and up to 24"),
        ("1,1,0", "above 0 and up to 24"),
        ("1,1,-1", "above 0 and up to 24"),
        ("1,-1,8", "not a whole number from 0 on"),
        ("1,0.5,8", "not a whole number from 0 on"),
        ("1,inf,8", "events is 'inf', not a number"),
        ("1,-inf,8", "events is '-inf', not a number"),
        ("1,1,inf", "hours is 'inf', not a number"),
    ],
)
def test_events_are_whole_from_nothing_on_and_hours_those_of_a_day(line, wrong):
    if wrong is None:
        assert len(listed(line)) == 1
        return
    with pytest.raises(UserError, match=wrong):
        listed(line)


def test_all_nights_are_written_as_the_first_one_is():
    assert [row.night.day for row in listed("7,1,8", "-2,1,8")] == [-2, 7]
    with pytest.raises(UserError, match="line 3: night is '2026-01-01', not a whole number"):
        listed("7,1,8", "2026-01-01,1,8")
    with pytest.raises(UserError, match="line 3: night is '8', not a date"):
        listed("2026-01-01,1,8", "8,1,8")
    assert [row.night.day for row in listed("first,1,8", "5,1,8")] == [0, 1]
    with pytest.raises(UserError, match="night is empty"):
        listed("first,1,8", ",1,8")
    with pytest.raises(UserError, match="holds no night"):
        listed()
